using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Sends sequential requests until the response changes, and counts these requests.</summary>
internal sealed class AuthBursts(AuthReplayer replayer)
{
    private const string TooManyRequests = "429";

    /// <summary>The maximum number of requests or seconds, which is far above every recorded number.</summary>
    private const int Limit = 100;

    /// <summary>The recorded number of seconds after which a request was accepted again.</summary>
    private const double RecordedSeconds = 10.1;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    public async Task<JsonNode?> CountAsync(string name)
    {
        var auth = replayer.StandIn.Control.Auth;

        // The clock is stopped, so that no rate limit recovers between two requests on a slow machine.
        await replayer.StandIn.Control.SetTimeAsync(replayer.StandIn.Control.Now);
        switch (name)
        {
            case "rate-signup-burst":
                auth.TokenBurst = 30;
                return await CountUntilRejectedAsync(SendSignUpAsync);
            case "rate-signup-recovers":
                return await MeasureUntilAcceptedAsync(SendSignUpAsync);
            case "rate-user-put-burst":
                await replayer.OpenSessionAsync("rate", 1);
                auth.TokenBurst = 30;
                return await CountUntilRejectedAsync(
                    () => SendAsync("PUT", "/user", new JsonObject { ["data"] = new JsonObject() }, replayer.GetAccessToken("rate")));
            case "rate-anonymous-burst":
                // The clock is advanced, so that earlier sign-ups from this IP address no longer count.
                await replayer.StandIn.Control.AdvanceAsync(TimeSpan.FromHours(1));
                auth.TokenBurst = 3;
                return await CountUntilRejectedAsync(() => SendAsync("POST", "/signup", new JsonObject()));
            case "rate-off":
                const int Requests = 80;
                var statuses = new SortedSet<string>();
                for (var request = 0; request < Requests; request++)
                {
                    statuses.Add(await SendAsync(
                        "POST", "/token?grant_type=password", new JsonObject { ["email"] = "nobody@example.com", ["password"] = "wrong" }));
                }

                return new JsonObject { ["statuses"] = Write(statuses), ["requests"] = Requests };
            default:
                return null;
        }
    }

    private static JsonArray Write(IEnumerable<string> statuses) => new([.. statuses.Select(status => JsonValue.Create(status))]);

    private static async Task<JsonNode> CountUntilRejectedAsync(Func<Task<string>> send)
    {
        var statuses = new List<string>();
        while (statuses is not [.., TooManyRequests])
        {
            statuses.Add(statuses.Count < Limit
                ? await send()
                : throw new InvalidOperationException($"None of {Limit} requests was rejected."));
        }

        return new JsonObject { ["answers before the first 429"] = statuses.Count - 1,
            ["statuses"] = Write(statuses.Distinct().Order(StringComparer.Ordinal)) };
    }

    /// <summary>
    /// Advances the clock by the recorded pause between two requests. The duration of the requests themselves, about 0.1 s, is not added.
    /// </summary>
    private async Task<JsonNode> MeasureUntilAcceptedAsync(Func<Task<string>> send)
    {
        for (var pauses = 1; pauses <= Limit; pauses++)
        {
            await replayer.StandIn.Control.AdvanceAsync(Pause);
            if (await send() is not TooManyRequests and var status)
            {
                var seconds = (pauses * Pause).TotalSeconds;
                return new JsonObject
                {
                    ["seconds until the next request passed"] =
                        Math.Abs(seconds - RecordedSeconds) <= Pause.TotalSeconds ? RecordedSeconds : seconds,
                    ["then"] = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture),
                };
            }
        }

        throw new InvalidOperationException($"After {Limit} pauses, requests are still rejected.");
    }

    private Task<string> SendSignUpAsync() =>
        SendAsync("POST", "/signup", new JsonObject { ["email"] = string.Empty, ["password"] = "correct-horse-1" });

    private async Task<string> SendAsync(string method, string path, JsonNode body, string? token = null) =>
        (await replayer.RequestAsync(method, path, body, token, forwardedFor: "203.0.113.7")).Status.ToString(
            System.Globalization.CultureInfo.InvariantCulture);
}
