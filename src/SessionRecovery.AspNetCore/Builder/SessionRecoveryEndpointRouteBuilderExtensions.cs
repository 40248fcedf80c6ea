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
    public static RouteGroupBuilder MapSessionRecovery(this IEndpointRouteBuilder endpoints, Action<SessionRecoveryEndpointOptions>? configure = null)
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecovery));
        var resources = new SessionRecoveryEndpointOptions();
        configure?.Invoke(resources);
        var group = endpoints.MapGroup(string.Empty);
        if (resources.Session)
        {
            MapSession(group, services);
        }

        if (resources.BrowserModule)
        {
            group.MapSessionRecoveryBrowserModule();
        }

        if (resources.Credits && IsRegistered<ICreditService>(services))
        {
            group.MapSessionRecoveryCredits();
        }

        if (resources.Files && IsRegistered<IFileStore>(services))
        {
            group.MapSessionRecoveryFiles();
        }

        return group;
    }

    /// <summary>Maps the balance alone, under <paramref name="pattern"/>.</summary>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called, or has no credits.</exception>
    public static IEndpointConventionBuilder MapSessionRecoveryCredits(this IEndpointRouteBuilder endpoints, string pattern = "/auth/credits")
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecoveryCredits));
        if (!IsRegistered<ICreditService>(services))
        {
            throw new InvalidOperationException("MapSessionRecoveryCredits needs a source of credits. Call builder.Services.AddSessionRecovery().UseCreditReader<T>() or .UseSqlite(…).");
        }

        return endpoints.MapEndpoint(HttpMethods.Get, pattern, CreditsEndpoint.HandleAsync).RequireSession(services);
    }

    /// <summary>Maps the users' own files alone, under <paramref name="pattern"/>.</summary>
    /// <returns>The group.</returns>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called, or has no files.</exception>
    public static RouteGroupBuilder MapSessionRecoveryFiles(this IEndpointRouteBuilder endpoints, string pattern = "/uploads")
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecoveryFiles));
        if (!IsRegistered<IFileStore>(services))
        {
            throw new InvalidOperationException("MapSessionRecoveryFiles needs a file store. Call builder.Services.AddSessionRecovery()….AddLocalFiles(folder).");
        }

        string[] read = [HttpMethods.Get, HttpMethods.Head];
        var group = endpoints.MapGroup(pattern);
        group.MapEndpoint(HttpMethods.Post, string.Empty, UploadEndpoint.HandleAsync).RequireSession(services);
        group.MapEndpoint(HttpMethods.Get, string.Empty, FileEndpoints.ListAsync).RequireSession(services);
        group.MapEndpoint(read, "/{name}", FileEndpoints.DownloadAsync).RequireSession(services);
        group.MapEndpoint(HttpMethods.Delete, "/{name}", FileEndpoints.DeleteAsync).RequireSession(services);
        group.MapEndpoint(HttpMethods.Post, "/{name}/links", FileEndpoints.LinkAsync).RequireSession(services);
        group.MapEndpoint(read, "/{name}/content", FileEndpoints.DownloadByLinkAsync).AllowAnonymous();
        return group;
    }

    /// <summary>Maps the browser module alone, with its types beside it, below <paramref name="prefix"/>. Anonymous, for any origin.</summary>
    public static void MapSessionRecoveryBrowserModule(this IEndpointRouteBuilder endpoints, string prefix = "/session")
    {
        RequireServices(endpoints, nameof(MapSessionRecoveryBrowserModule));
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        endpoints.MapEndpoint(read, $"{prefix}/session-recovery.js", BrowserModule.JavaScript.HandleAsync).AllowAnonymous();
        endpoints.MapEndpoint(read, $"{prefix}/session-recovery.d.ts", BrowserModule.Types.HandleAsync).AllowAnonymous();
    }

    private static void MapSession(RouteGroupBuilder group, IServiceProvider services)
    {
        group.MapEndpoint(HttpMethods.Post, "/auth/verify", SessionEndpoints.VerifyAsync).RequireSession(services);
        group.MapEndpoint(HttpMethods.Post, "/session/end", SessionEndpoints.EndAsync).RequireSession(services);
        group.MapEndpoint(HttpMethods.Get, "/session/health", HealthEndpoint.HandleAsync).RequireSession(services);
        if (services.GetRequiredService<IOptions<RecoveryOptions>>().Value.Enabled)
        {
            group.MapEndpoint(HttpMethods.Post, "/session/recover", RecoverEndpoint.HandleAsync).RequireSession(services);
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
