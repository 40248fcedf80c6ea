using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Credits;
using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>Runs the checks that need the complete host. Each error message names the incorrect call or route.</summary>
internal sealed class StartupCheck(IOptions<UserSessionOptions> session, AttributedEndpoints attributed)
{
    public void Run(IServiceProvider services)
    {
        CheckAuthentication(services);
        CheckFiles(services);
        var endpoints = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        CheckPaidEndpoints(services, endpoints);
        attributed.Check(endpoints);
        CheckRoutes(endpoints);
    }

    private void CheckAuthentication(IServiceProvider services)
    {
        var schemes = services.GetRequiredService<IAuthenticationSchemeProvider>();
        if (session.Value.Scheme is { } name)
        {
            if (schemes.GetSchemeAsync(name).GetAwaiter().GetResult() is null)
            {
                throw new InvalidOperationException(
                    $"SessionRecovery:Session:Scheme is '{name}', but no authentication scheme has that name.");
            }
        }
        else if (schemes.GetDefaultAuthenticateSchemeAsync().GetAwaiter().GetResult() is null)
        {
            throw new InvalidOperationException(
                "SessionRecovery verifies sessions with the host's authentication scheme, and there is no default one. Call "
                + "builder.Services.AddAuthentication(…) with a default scheme, builder.Services.AddSupabaseAuthentication() on Supabase, "
                    + "or set "
                + "SessionRecovery:Session:Scheme.");
        }
    }

    private static void CheckFiles(IServiceProvider services)
    {
        var known = services.GetRequiredService<IServiceProviderIsService>();
        if (!known.IsService(typeof(IFileStore)))
        {
            return;
        }

        // The file store is created at startup. If the folder of the store is not writable, the host does not start. If the store were
        // created later, the first upload would fail instead.
        _ = services.GetRequiredService<IFileStore>();
        var logging = services.GetRequiredService<ILoggerFactory>();
        if (logging.CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").IsEnabled(LogLevel.Information))
        {
            logging.CreateLogger<StartupCheck>().LinksInRequestLog();
        }
    }

    private static void CheckPaidEndpoints(IServiceProvider services, List<RouteEndpoint> endpoints)
    {
        if (services.GetService<ICreditLedger>() is null && endpoints.Find(IsPaid) is { } paid)
        {
            throw new InvalidOperationException(
                paid.Metadata.GetRequiredMetadata<PaidEndpointMetadata>().GetLedgerRequiredMessage(paid.DisplayName));
        }
    }

    private static void CheckRoutes(List<RouteEndpoint> endpoints)
    {
        var ours = endpoints.Where(IsOurs).ToList();
        var others = endpoints.Where(endpoint => !IsOurs(endpoint)).SelectMany(GetKeys).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in ours.SelectMany(GetKeys))
        {
            if (others.Contains(key) || !seen.Add(key))
            {
                throw new InvalidOperationException(
                    $"The route '{key}' is mapped twice: by the host and by SessionRecovery, or by SessionRecovery twice. Map "
                    + "SessionRecovery under a prefix "
                    + "(app.MapGroup(…).MapSessionRecovery()), or leave out that resource.");
            }
        }
    }

    private static bool IsPaid(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<PaidEndpointMetadata>() is not null;

    private static bool IsOurs(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<SessionEndpoint>() is not null && !IsPaid(endpoint);

    private static IEnumerable<string> GetKeys(RouteEndpoint endpoint)
    {
        var path = string.Join('/', endpoint.RoutePattern.PathSegments.Select(static segment =>
            segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "{}"));
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"];
        return methods.Select(method => $"{method} /{path}");
    }
}
