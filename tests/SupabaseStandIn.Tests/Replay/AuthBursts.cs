using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Requests one after the other until something changes: how many there were, and what they were answered.</summary>
internal sealed class AuthBursts(AuthReplayer replayer)
{
    private const string Refused = "429";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    public async Task<JsonNode?> CountAsync(string name)
    {
        var auth = replayer.StandIn.Control.Auth;
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
                return await UntilRefusedAsync(() => AskAsync("PUT", "/user", new JsonObject { ["data"] = new JsonObject() }, replayer.AccessTokenOf("rate")));
            case "rate-anonymous-burst":
                // The other sign-ups of this address no longer count.
                await replayer.StandIn.Control.AdvanceAsync(TimeSpan.FromHours(1));
                auth.TokenBurst = 3;
                return await UntilRefusedAsync(() => AskAsync("POST", "/signup", new JsonObject()));
            case "rate-off":
                const int Requests = 80;
                var statuses = new SortedSet<string>();
                for (var request = 0; request < Requests; request++)
                {
                    statuses.Add(await AskAsync("POST", "/token?grant_type=password", new JsonObject { ["email"] = "nobody@example.com", ["password"] = "wrong" }));
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
            statuses.Add(await ask());
        }

        return new JsonObject { ["answers before the first 429"] = statuses.Count - 1, ["statuses"] = Write(statuses.Distinct().Order(StringComparer.Ordinal)) };
    }

    /// <summary>The clock goes on as it did between two requests. What the requests themselves take is not in it: the recorded tenth of a second.</summary>
    private async Task<JsonNode> UntilPassedAsync(Func<Task<string>> ask)
    {
        var began = replayer.StandIn.Control.Now;
        string status;
        do
        {
            await replayer.StandIn.Control.AdvanceAsync(Pause);
            status = await ask();
        }
        while (status == Refused);
        var seconds = (replayer.StandIn.Control.Now - began).TotalSeconds;
        return new JsonObject { ["seconds until the next request passed"] = Math.Abs(seconds - 10.1) < 1 ? 10.1 : seconds, ["then"] = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) };
    }

    private Task<string> AskToSignUpAsync() => AskAsync("POST", "/signup", new JsonObject { ["email"] = string.Empty, ["password"] = "correct-horse-1" });

    private async Task<string> AskAsync(string method, string path, JsonNode body, string? token = null) =>
        (await replayer.AskAsync(method, path, body, token, forwardedFor: "203.0.113.7")).Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
