using System.Text.Json.Nodes;
using SupabaseStandIn.Control;

namespace SupabaseStandIn.Gateway;

/// <summary>
/// Handles all requests of the test double. The handler counts each request, applies faults, checks the API key, removes the path prefix
/// and forwards the request to a service.
/// </summary>
internal sealed class GatewayHandler(
    KeyCheck? keys, RequestCounters counters, FaultInjection faults, IService auth, IService rest, IService storage)
{
    private static readonly string[] OpenAuthRoutes = ["/verify", "/callback", "/authorize", "/.well-known/jwks.json"];

    public async Task HandleAsync(HttpContext context)
    {
        var (path, query) = ServiceRequest.Split(context);
        var (prefix, name, service) = path switch
        {
            _ when path.StartsWith("/auth/v1/", StringComparison.Ordinal) => ("/auth/v1", ServiceName.Auth, auth),
            _ when path.StartsWith("/rest/v1/", StringComparison.Ordinal) => ("/rest/v1", ServiceName.Rest, rest),
            _ when path.StartsWith("/storage/v1/", StringComparison.Ordinal) => ("/storage/v1", ServiceName.Storage, storage),
            _ => (string.Empty, ServiceName.All, null),
        };
        if (Cors.TryPreflight(context))
        {
            return;
        }

        counters.Add(context.Request.Method, path, query);
        if (service is null)
        {
            await context.Response.NotImplementedAsync($"{context.Request.Method} {path}");
            return;
        }

        var upstream = path[prefix.Length..];
        await faults.ApplyAsync(context, name, upstream, async () =>
        {
            if (keys is null)
            {
                await service.HandleAsync(
                    new ServiceRequest(context, upstream, query, context.Request.Headers.Authorization is [{ } sent, ..] ? sent : null));
                return;
            }

            var keyRequired = name == ServiceName.Rest || (name == ServiceName.Auth && !OpenAuthRoutes.Contains(upstream));
            if (keys.Check(context, keyRequired, out var authorization) is { } rejection)
            {
                await context.Response.JsonAsync(StatusCodes.Status401Unauthorized, new JsonObject
                {
                    ["message"] = rejection,
                    ["hint"] = rejection == "Invalid API key"
                        ? "Double check your Supabase `anon` or `service_role` API key."
                        : "No `apikey` request header or url param was found.",
                });
                return;
            }

            await service.HandleAsync(new ServiceRequest(context, upstream, WithoutKey(query), authorization));
        });
    }

    private static string WithoutKey(string query) =>
        string.Join('&', query.Split('&').Where(part => !part.StartsWith("apikey=", StringComparison.Ordinal)));
}
