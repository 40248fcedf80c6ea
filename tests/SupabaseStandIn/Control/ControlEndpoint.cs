using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Control;

/// <summary>
/// Handles <c>/control/…</c>, which makes the functions of <see cref="StandInControl"/> available to other processes. A request that the
/// configuration does not permit, such as stopping a shared database, gets status 409 with a message. An invalid request gets status 400
/// with a message.
/// </summary>
internal sealed class ControlEndpoint(StandInControl control, StandInKeys keys)
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static readonly string[] FaultMembers =
        [.. typeof(Fault).GetProperties().Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name))];
    private static readonly string[] ClockMembers = ["advance_seconds", "at"];
    private static readonly string[] AuthMembers = ["token_lifetime", "refresh_algorithm", "reuse_interval", "token_burst"];

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
        catch (JsonException misunderstood)
        {
            await context.Response.TextAsync(StatusCodes.Status400BadRequest, $"{misunderstood.Message}\n", "text/plain");
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
            case ("GET", "/audit"):
                await context.Response.JsonAsync(
                    200, new JsonObject { ["faults"] = JsonSerializer.SerializeToNode(await control.AuditAsync(), Json) });
                return;
            case ("DELETE", "/requests"):
                control.ResetRequests();
                break;
            case ("POST", "/faults"):
                control.Fail((await ReadAsync(context, FaultMembers)).Deserialize<Fault>(Json)!);
                break;
            case ("DELETE", "/faults"):
                control.ClearFaults();
                break;
            case ("POST", "/clock"):
                await SetClockAsync(await ReadAsync(context, ClockMembers));
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
                Configure(await ReadAsync(context, AuthMembers));
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

    /// <summary>Advances the clock by <c>advance_seconds</c>, or stops the clock at the time <c>at</c>.</summary>
    private Task SetClockAsync(JsonObject clock) =>
        clock.ContainsKey("at") ? control.SetTimeAsync(Value<DateTimeOffset>(clock, "at"))
        : clock.ContainsKey("advance_seconds") ? control.AdvanceAsync(TimeSpan.FromSeconds(Value<double>(clock, "advance_seconds")))
        : throw new JsonException($"One of these is needed: {string.Join(", ", ClockMembers)}.");

    private void Configure(JsonObject settings)
    {
        int? Given(string name) => settings.ContainsKey(name) ? Value<int>(settings, name) : null;
        control.Auth.TokenLifetime = Given("token_lifetime") ?? control.Auth.TokenLifetime;
        control.Auth.RefreshAlgorithm = Given("refresh_algorithm") ?? control.Auth.RefreshAlgorithm;
        control.Auth.ReuseInterval = Given("reuse_interval") ?? control.Auth.ReuseInterval;
        control.Auth.TokenBurst = Given("token_burst") ?? control.Auth.TokenBurst;
    }

    private static T Value<T>(JsonObject members, string name) =>
        members[name] is JsonValue value && value.TryGetValue(out T? found)
            ? found
            : throw new JsonException($"The member \"{name}\" is no {typeof(T).Name}.");

    private static async Task<JsonObject> ReadAsync(HttpContext context, string[] known)
    {
        var members = await context.Request.ReadFromJsonAsync<JsonNode>(context.RequestAborted) as JsonObject
            ?? throw new JsonException("A JSON object is needed.");
        return members.FirstOrDefault(member => !known.Contains(member.Key, StringComparer.Ordinal)) is { Key: { } unknown }
            ? throw new JsonException($"There is no member \"{unknown}\" here, only {string.Join(", ", known)}.")
            : members;
    }
}
