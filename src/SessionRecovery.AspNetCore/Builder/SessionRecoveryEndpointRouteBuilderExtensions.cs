using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Browser.Internal;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Health.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Recovery.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Recovery;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The second of the host's two lines, and each resource alone.</summary>
public static class SessionRecoveryEndpointRouteBuilderExtensions
{
    /// <summary>Maps everything that is configured. All but the module and signed links requires authorization.</summary>
    /// <param name="endpoints">The host, or a group with a prefix.</param>
    /// <param name="configure">Leaves resources out.</param>
    /// <returns>The group, for the host's own policies.</returns>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called.</exception>
    public static RouteGroupBuilder MapSessionRecovery(this IEndpointRouteBuilder endpoints, Action<SessionRecoveryResources>? configure = null)
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecovery));
        var resources = new SessionRecoveryResources();
        configure?.Invoke(resources);
        var group = endpoints.MapGroup(string.Empty);
        if (resources.Session)
        {
            MapSession(group, services);
        }

        if (resources.BrowserModule)
        {
            group.MapSessionModule();
        }

        if (resources.Credits && IsRegistered<ICreditService>(services))
        {
            group.MapCredits();
        }

        if (resources.Files && IsRegistered<IFileStore>(services))
        {
            group.MapFiles();
        }

        return group;
    }

    /// <summary>Maps the balance alone, under <paramref name="pattern"/>.</summary>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called, or has no credits.</exception>
    public static IEndpointConventionBuilder MapCredits(this IEndpointRouteBuilder endpoints, string pattern = "/auth/credits")
    {
        var services = RequireServices(endpoints, nameof(MapCredits));
        if (!IsRegistered<ICreditService>(services))
        {
            throw new InvalidOperationException("MapCredits needs a source of credits. Call builder.Services.AddSessionRecovery().UseCredits<T>() or .UseSqlite(…).");
        }

        return endpoints.MapOurs(HttpMethods.Get, pattern, CreditsEndpoint.HandleAsync).RequireSession(services);
    }

    /// <summary>Maps the users' own files alone, under <paramref name="pattern"/>.</summary>
    /// <returns>The group.</returns>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called, or has no files.</exception>
    public static RouteGroupBuilder MapFiles(this IEndpointRouteBuilder endpoints, string pattern = "/uploads")
    {
        var services = RequireServices(endpoints, nameof(MapFiles));
        if (!IsRegistered<IFileStore>(services))
        {
            throw new InvalidOperationException("MapFiles needs a file store. Call builder.Services.AddSessionRecovery()….AddFiles(folder).");
        }

        string[] read = [HttpMethods.Get, HttpMethods.Head];
        var group = endpoints.MapGroup(pattern);
        group.MapOurs(HttpMethods.Post, string.Empty, UploadEndpoint.HandleAsync).RequireSession(services);
        group.MapOurs(HttpMethods.Get, string.Empty, FileEndpoints.ListAsync).RequireSession(services);
        group.MapOurs(read, "/{name}", FileEndpoints.DownloadAsync).RequireSession(services);
        group.MapOurs(HttpMethods.Delete, "/{name}", FileEndpoints.DeleteAsync).RequireSession(services);
        group.MapOurs(HttpMethods.Post, "/{name}/links", FileEndpoints.LinkAsync).RequireSession(services);
        group.MapOurs(read, "/{name}/content", FileEndpoints.DownloadByLinkAsync).AllowAnonymous();
        return group;
    }

    /// <summary>Maps the browser module alone, with its types beside it, below <paramref name="prefix"/>. Anonymous, for any origin.</summary>
    public static void MapSessionModule(this IEndpointRouteBuilder endpoints, string prefix = "/session")
    {
        RequireServices(endpoints, nameof(MapSessionModule));
        BrowserModuleEndpoints.Map(endpoints, prefix);
    }

    private static void MapSession(RouteGroupBuilder group, IServiceProvider services)
    {
        group.MapOurs(HttpMethods.Post, "/auth/verify", SessionEndpoints.VerifyAsync).RequireSession(services);
        group.MapOurs(HttpMethods.Post, "/session/end", SessionEndpoints.EndAsync).RequireSession(services);
        group.MapOurs(HttpMethods.Get, "/session/health", HealthEndpoint.HandleAsync).RequireSession(services);
        if (services.GetRequiredService<IOptions<RecoveryOptions>>().Value.Enabled)
        {
            group.MapOurs(HttpMethods.Post, "/session/recover", RecoverEndpoint.HandleAsync).RequireSession(services);
        }
    }

    private static IServiceProvider RequireServices(IEndpointRouteBuilder endpoints, string call)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return IsRegistered<ISessionRecoveryService>(endpoints.ServiceProvider)
            ? endpoints.ServiceProvider
            : throw new InvalidOperationException($"{call} needs its services. Call builder.Services.AddSessionRecovery() before builder.Build().");
    }

    private static bool IsRegistered<T>(IServiceProvider services) => services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(T));
}
