using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Control;

/// <summary><c>/control/…</c>: the same control for a program in another process.</summary>
internal sealed class ControlEndpoint(StandInControl control, StandInKeys keys)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public async Task HandleAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value!["/control".Length..]);
        switch (method, path)
        {
            case ("GET", "/keys"):
                await context.Response.JsonAsync(200, new JsonObject
                {
                    ["publishable"] = keys.Publishable,
                    ["secret"] = keys.Secret,
                    ["anon"] = keys.Anon,
                    ["service_role"] = keys.ServiceRole,
                });
                return;
            case ("GET", "/requests"):
                await context.Response.JsonAsync(200, JsonSerializer.SerializeToNode(control.Requests, Json)!);
                return;
            case ("DELETE", "/requests"):
                control.ResetRequests();
                break;
            case ("POST", "/faults"):
                control.Fail(await context.Request.ReadFromJsonAsync<Fault>(Json, context.RequestAborted) ?? throw new JsonException());
                break;
            case ("DELETE", "/faults"):
                control.ClearFaults();
                break;
            case ("POST", "/clock"):
                await control.AdvanceAsync(TimeSpan.FromSeconds((await ReadAsync(context))["advance_seconds"]!.GetValue<double>()));
                break;
            case ("POST", "/auth"):
                Configure(await ReadAsync(context));
                break;
            case ("POST", "/keys/rotate"):
                await control.RotateKeyAsync();
                break;
            case ("POST", "/keys/revoke"):
                await control.RevokePreviousKeysAsync();
                break;
            default:
                await context.Response.NotImplementedAsync($"{method} /control{path}");
                return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private void Configure(JsonObject settings)
    {
        control.Auth.TokenLifetime = settings["token_lifetime"]?.GetValue<int>() ?? control.Auth.TokenLifetime;
        control.Auth.RefreshAlgorithm = settings["refresh_algorithm"]?.GetValue<int>() ?? control.Auth.RefreshAlgorithm;
        control.Auth.ReuseInterval = settings["reuse_interval"]?.GetValue<int>() ?? control.Auth.ReuseInterval;
        control.Auth.TokenBurst = settings["token_burst"]?.GetValue<int>() ?? control.Auth.TokenBurst;
    }

    private static async Task<JsonObject> ReadAsync(HttpContext context) =>
        await context.Request.ReadFromJsonAsync<JsonObject>(context.RequestAborted) ?? throw new JsonException();
}
