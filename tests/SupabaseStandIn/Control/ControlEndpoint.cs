using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Control;

/// <summary>
/// <c>/control/…</c>: the same control for a program in another process. What can't be done as the stand-in is set up (a database that is
/// not its own can't be stopped) is answered with 409 and a sentence.
/// </summary>
internal sealed class ControlEndpoint(StandInControl control, StandInKeys keys)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (InvalidOperationException impossible)
        {
            await context.Response.TextAsync(StatusCodes.Status409Conflict, $"{impossible.Message}\n", "text/plain");
        }
    }

    private async Task RouteAsync(HttpContext context)
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
                await TurnAsync(await ReadAsync(context));
                break;
            case ("DELETE", "/clock"):
                await control.RunClockAsync();
                break;
            case ("POST", "/database/kill"):
                control.KillDatabase();
                break;
            case ("POST", "/database/stop"):
                await control.StopDatabaseAsync();
                break;
            case ("POST", "/database/start"):
                await control.StartDatabaseAsync();
                break;
            case ("POST", "/database/restart"):
                await control.StopDatabaseAsync();
                await control.StartDatabaseAsync();
                break;
            case ("POST", "/auth"):
                Configure(await ReadAsync(context));
                break;
            case ("POST", "/keys/rotate"):
                await control.RotateKeyAsync();
                break;
            case ("POST", "/keys/standby"):
                await control.AddStandbyKeyAsync();
                break;
            case ("POST", "/keys/revoke"):
                await control.RevokePreviousKeysAsync();
                break;
            case ("DELETE", _) when path.StartsWith("/keys/", StringComparison.Ordinal):
                await control.RevokeKeyAsync(path["/keys/".Length..]);
                break;
            default:
                await context.Response.NotImplementedAsync($"{method} /control{path}");
                return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>On by <c>advance_seconds</c>, or to a moment at which it then stands: <c>at</c>.</summary>
    private Task TurnAsync(JsonObject clock) => clock["at"] is { } moment
        ? control.SetTimeAsync(moment.GetValue<DateTimeOffset>())
        : control.AdvanceAsync(TimeSpan.FromSeconds(clock["advance_seconds"]!.GetValue<double>()));

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
