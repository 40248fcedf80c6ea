using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Sequential requests until the response changes: their number and their responses.</summary>
internal sealed class AuthBursts(AuthReplayer replayer)
{
    private const string Refused = "429";

    /// <summary>A limit far above every recorded burst or wait.</summary>
    private const int Limit = 100;

    /// <summary>Returns the seconds until a request was accepted again.</summary>
    private const double Recorded = 10.1;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    public async Task<JsonNode?> CountAsync(string name)
    {
        var auth = replayer.StandIn.Control.Auth;

        // No bucket refills between two requests, even on a slow machine.
        await replayer.StandIn.Control.SetTimeAsync(replayer.StandIn.Control.Now);
        switch (name)
        {
            case "rate-signup-burst":
                auth.TokenBurst = 30;
                return await UntilRefusedAsync(AskToSignUpAsync);
            case "rate-signup-recovers":
                return await UntilPassedAsync(AskToSignUpAsync);
            case "rate-user-put-burst":
                await replayer.OpenSessionAsync("rate", 1);
                auth.TokenBurst = 30;
                return await UntilRefusedAsync(
                    () => AskAsync("PUT", "/user", new JsonObject { ["data"] = new JsonObject() }, replayer.GetAccessToken("rate")));
            case "rate-anonymous-burst":
                // Earlier sign-ups of this address no longer count.
                await replayer.StandIn.Control.AdvanceAsync(TimeSpan.FromHours(1));
                auth.TokenBurst = 3;
                return await UntilRefusedAsync(() => AskAsync("POST", "/signup", new JsonObject()));
            case "rate-off":
                const int Requests = 80;
                var statuses = new SortedSet<string>();
                for (var request = 0; request < Requests; request++)
                {
                    statuses.Add(await AskAsync(
                        "POST", "/token?grant_type=password", new JsonObject { ["email"] = "nobody@example.com", ["password"] = "wrong" }));
                }

                return new JsonObject { ["statuses"] = Write(statuses), ["requests"] = Requests };
            default:
                return null;
        }
    }

    private static JsonArray Write(IEnumerable<string> statuses) => new([.. statuses.Select(status => JsonValue.Create(status))]);

    private static async Task<JsonNode> UntilRefusedAsync(Func<Task<string>> ask)
    {
        var statuses = new List<string>();
        while (statuses is not [.., Refused])
        {
            statuses.Add(statuses.Count < Limit
                ? await ask()
                : throw new InvalidOperationException($"None of {Limit} requests was refused."));
        }

        return new JsonObject { ["answers before the first 429"] = statuses.Count - 1,
            ["statuses"] = Write(statuses.Distinct().Order(StringComparer.Ordinal)) };
    }

    /// <summary>
    /// The clock goes on by what was recorded between two requests, and by nothing else: not by the tenth of a second that those took
    /// themselves.
    /// </summary>
    private async Task<JsonNode> UntilPassedAsync(Func<Task<string>> ask)
    {
        for (var pauses = 1; pauses <= Limit; pauses++)
        {
            await replayer.StandIn.Control.AdvanceAsync(Pause);
            if (await ask() is not Refused and var status)
            {
                var seconds = (pauses * Pause).TotalSeconds;
                return new JsonObject
                {
                    ["seconds until the next request passed"] = Math.Abs(seconds - Recorded) <= Pause.TotalSeconds ? Recorded : seconds,
                    ["then"] = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture),
                };
            }
        }

        throw new InvalidOperationException($"After {Limit} pauses everything is still refused.");
    }

    private Task<string> AskToSignUpAsync() =>
        AskAsync("POST", "/signup", new JsonObject { ["email"] = string.Empty, ["password"] = "correct-horse-1" });

    private async Task<string> AskAsync(string method, string path, JsonNode body, string? token = null) =>
        (await replayer.AskAsync(method, path, body, token, forwardedFor: "203.0.113.7")).Status.ToString(
            System.Globalization.CultureInfo.InvariantCulture);
}
