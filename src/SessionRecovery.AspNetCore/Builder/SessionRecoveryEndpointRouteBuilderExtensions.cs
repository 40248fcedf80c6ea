using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore;
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

/// <summary>Extension methods that map the endpoints of SessionRecovery.</summary>
public static class SessionRecoveryEndpointRouteBuilderExtensions
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps all endpoints whose services are registered. All endpoints require authorization, except the browser module and signed links.
    /// </summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <param name="configure">A callback that selects the resources to map. By default, all resources are mapped.</param>
    /// <returns>The route group, to which the host can add conventions.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called.</exception>
    /// <example>
    /// <code>
    /// app.MapSessionRecovery();
    /// app.MapGroup("/v1").MapSessionRecovery(resources => resources.Files = false);
    /// </code>
    /// </example>
    public static RouteGroupBuilder MapSessionRecovery(
        this IEndpointRouteBuilder endpoints, Action<SessionRecoveryEndpointOptions>? configure = null)
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

        if (resources.Credits && IsRegistered<ICreditStoreHistory>(services))
        {
            group.MapSessionRecoveryCreditHistory();
        }

        if (resources.Files && IsRegistered<IFileStore>(services))
        {
            group.MapSessionRecoveryFiles();
        }

        return group;
    }

    /// <summary>Maps only the balance endpoint.</summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <param name="pattern">The route pattern. The default is <c>/auth/credits</c>.</param>
    /// <returns>The endpoint, to which the host can add conventions.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// <c>AddSessionRecovery()</c> was not called, or the host has no source of credits.
    /// </exception>
    public static RouteHandlerBuilder MapSessionRecoveryCredits(this IEndpointRouteBuilder endpoints, string pattern = "/auth/credits")
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecoveryCredits));
        if (!IsRegistered<ICreditService>(services))
        {
            throw new InvalidOperationException(
                "MapSessionRecoveryCredits requires a source of credits. Call builder.Services.AddSessionRecovery().UseCreditReader<T>() "
                + "or .UseSqlite(…).");
        }

        return endpoints.MapGet(pattern, CreditsEndpoint.GetAsync).AsSessionEndpoint(CreditsEndpoint.Get).RequireSession();
    }

    /// <summary>Maps only the endpoint with the user's own credit history.</summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <param name="pattern">The route pattern. The default is <c>/auth/credits/history</c>.</param>
    /// <returns>The endpoint, to which the host can add conventions.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// <c>AddSessionRecovery()</c> was not called, or the host has no credit store with credit histories.
    /// </exception>
    public static RouteHandlerBuilder MapSessionRecoveryCreditHistory(
        this IEndpointRouteBuilder endpoints, string pattern = "/auth/credits/history")
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecoveryCreditHistory));
        if (!IsRegistered<ICreditStoreHistory>(services))
        {
            throw new InvalidOperationException(
                "MapSessionRecoveryCreditHistory requires a credit store with statements. Call "
                + "builder.Services.AddSessionRecovery().UseSqlite(…) or .UseSupabase(…).UseSupabaseLedger().");
        }

        return endpoints.MapGet(pattern, CreditHistoryEndpoint.GetAsync).AsSessionEndpoint(CreditHistoryEndpoint.Get).RequireSession();
    }

    /// <summary>Maps only the endpoints for the files of users.</summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <param name="pattern">The route pattern. The default is <c>/uploads</c>.</param>
    /// <returns>The route group, to which the host can add conventions.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called, or the host has no file store.</exception>
    public static RouteGroupBuilder MapSessionRecoveryFiles(this IEndpointRouteBuilder endpoints, string pattern = "/uploads")
    {
        var services = RequireServices(endpoints, nameof(MapSessionRecoveryFiles));
        if (!IsRegistered<IFileStore>(services))
        {
            throw new InvalidOperationException(
                "MapSessionRecoveryFiles requires a file store. Call builder.Services.AddSessionRecovery()….AddLocalFiles(folder).");
        }

        var group = endpoints.MapGroup(pattern);
        group.MapPost(string.Empty, UploadEndpoint.PostAsync).AsSessionEndpoint(UploadEndpoint.Post).RequireFileSession();
        group.MapGet(string.Empty, FileEndpoints.ListAsync).AsSessionEndpoint(FileEndpoints.List).RequireFileSession();
        group.MapMethods("/{name}", ReadMethods, FileEndpoints.DownloadAsync).AsSessionEndpoint(FileEndpoints.Download)
            .RequireFileSession();
        group.MapDelete("/{name}", FileEndpoints.DeleteAsync).AsSessionEndpoint(FileEndpoints.Delete).RequireFileSession();
        group.MapPost("/{name}/links", FileEndpoints.LinkAsync).AsSessionEndpoint(FileEndpoints.Link).RequireFileSession();
        group.MapMethods("/{name}/content", ReadMethods, FileEndpoints.DownloadByLinkAsync)
            .AsSessionEndpoint(FileEndpoints.DownloadByLink)
            .AllowAnonymous();
        return group;
    }

    /// <summary>
    /// Maps only the browser module and its type declarations. The endpoints of the module require no sign-in, and pages of any origin may
    /// load the files.
    /// </summary>
    /// <param name="endpoints">The application, or a route group with a prefix.</param>
    /// <param name="prefix">The route prefix. The default is <c>/session</c>.</param>
    /// <returns>The route group, to which the host can add conventions.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddSessionRecovery()</c> was not called.</exception>
    public static RouteGroupBuilder MapSessionRecoveryBrowserModule(this IEndpointRouteBuilder endpoints, string prefix = "/session")
    {
        RequireServices(endpoints, nameof(MapSessionRecoveryBrowserModule));
        return BrowserModuleEndpoints.Map(endpoints, prefix);
    }

    private static void MapSession(RouteGroupBuilder group, IServiceProvider services)
    {
        group.MapPost("/auth/verify", SessionEndpoints.VerifyAsync).AsSessionEndpoint(SessionEndpoints.Verify).RequireSession();
        group.MapPost("/session/end", SessionEndpoints.EndAsync).AsSessionEndpoint(SessionEndpoints.End).RequireSession();
        group.MapGet("/session/health", HealthEndpoint.GetAsync).AsSessionEndpoint(HealthEndpoint.Get).RequireSession();
        if (services.GetRequiredService<IOptions<RecoveryOptions>>().Value.Enabled)
        {
            group.MapPost("/session/recover", RecoverEndpoint.PostAsync).AsSessionEndpoint(RecoverEndpoint.Post).RequireSession();
        }
    }

    private static IServiceProvider RequireServices(IEndpointRouteBuilder endpoints, string call)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return IsRegistered<ISessionRecoveryService>(endpoints.ServiceProvider)
            ? endpoints.ServiceProvider
            : throw new InvalidOperationException(
                $"{call} requires its services. Call builder.Services.AddSessionRecovery() before builder.Build().");
    }

    private static bool IsRegistered<T>(IServiceProvider services) =>
        services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(T));
}
