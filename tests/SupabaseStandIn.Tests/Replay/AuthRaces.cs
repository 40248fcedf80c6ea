using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Replays concurrent requests to Auth. A result may differ between rounds only if the recordings of the real Auth service differ as well.
/// </summary>
internal sealed partial class AuthRaces(AuthReplayer replayer)
{
    private const int Rounds = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private readonly TroubledDatabase _database = new(replayer.StandIn.Control);

    /// <summary>Returns the difference, or null if every round had one of the recorded results.</summary>
    public async Task<string?> RunAsync(Exchange exchange)
    {
        var recorded = exchange.Summary!;
        switch (exchange.Name)
        {
            case "parallel-signup-autoconfirm-on":
                return Unexpected(recorded.AsArray(), await RepeatAsync(SignUpTogetherAsync));
            case "race-refresh-logout-v2":
                return await RaceWithLogoutAsync(recorded.AsObject());
            case var _ when exchange.Name.EndsWith("-two-tabs-chain", StringComparison.Ordinal):
                var chain = await ChainAsync(exchange.Name, recorded.AsArray().Count);
                return JsonNode.DeepEquals(recorded, chain) ? null : $"{chain.ToJsonString()} instead of {recorded.ToJsonString()}";
            case var _ when Count().IsMatch(exchange.Name):
                var count = int.Parse(Count().Match(exchange.Name).Groups[1].Value, CultureInfo.InvariantCulture);
                return Unexpected(recorded.AsArray(), await RepeatAsync(round => RefreshTogetherAsync($"{exchange.Name}-{round}", count)));
            default:
                return "nobody knows how to replay it";
        }
    }

    private static async Task<List<JsonObject>> RepeatAsync(Func<int, Task<JsonObject>> run)
    {
        var rounds = new List<JsonObject>();
        for (var round = 0; round < Rounds; round++)
        {
            rounds.Add(await run(round));
        }

        return rounds;
    }

    /// <summary>
    /// Compares the results of the stand-in with the recorded results, except for durations and remaining token lifetimes.
    /// </summary>
    private static string? Unexpected(JsonArray recorded, List<JsonObject> rounds) => rounds
        .Where(round => !recorded.Any(one => one!.AsObject().Where(member => round.ContainsKey(member.Key))
            .All(member => JsonNode.DeepEquals(Sorted(member.Value), Sorted(round[member.Key])))))
        .Select(round => $"{round.ToJsonString()} instead of {recorded[0]!.ToJsonString()}").FirstOrDefault();

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject counts
        ? new JsonObject(counts.OrderBy(count => count.Key, StringComparer.Ordinal)
            .Select(count => KeyValuePair.Create(count.Key, count.Value?.DeepClone())))
        : node;

    private static JsonObject Counted(IEnumerable<string> responses) =>
        new(responses.GroupBy(response => response).Select(group => KeyValuePair.Create(group.Key, (JsonNode?)group.Count())));

    private async Task<JsonObject> RefreshTogetherAsync(string session, int count)
    {
        await replayer.OpenSessionAsync(session, 1);
        var (auth, token) = (replayer.StandIn.Control.Auth, replayer.GetRefreshToken(session));

        // The lock timeout is longer than the default. On a slow machine, the default could end before the session is unlocked.
        var (request, attempts) = (auth.RequestLimit, auth.LockLimit);
        (auth.RequestLimit, auth.LockLimit) = (Patience, Patience);
        var responses = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => replayer.RefreshAsync(token)));
        (auth.RequestLimit, auth.LockLimit) = (request, attempts);
        var tokens = responses.Select(response => response.RefreshToken).OfType<string>().Distinct().ToList();
        var next = new List<AuthReply>();
        foreach (var one in tokens)
        {
            next.Add(await replayer.RefreshAsync(one));
        }

        return new JsonObject
        {
            ["statuses"] = Counted(responses.Select(response => response.ToString())),
            ["distinct_refresh_tokens"] = tokens.Count,
            ["reuse_headers"] = Counted(responses.Select(response => response.Reuse)),
            ["each_returned_refresh_token_used_next"] = Counted(next.Select(response => response.ToString())),
            ["rows_after"] = await RowsAsync(session),
        };
    }

    private async Task<string?> RowsAsync(string session) => await replayer.ScalarAsync<string>(
        $"""
        select coalesce((select count(*) filter (where not revoked) || ' valid, ' || count(*) filter (where revoked) || ' revoked' from
            auth.refresh_tokens t
            where t.session_id = s.id having count(*) > 0), 'session row: 1')
        from auth.sessions s where id = '{replayer.GetSession(session)}'
        """);

    private async Task<JsonArray> ChainAsync(string session, int times)
    {
        await replayer.OpenSessionAsync(session, 1);
        string[] tabs = [replayer.GetRefreshToken(session), replayer.GetRefreshToken(session)];
        var chain = new JsonArray();
        for (var time = 0; time < times; time++)
        {
            var responses = await Task.WhenAll(tabs.Select(replayer.RefreshAsync));
            tabs = [.. responses.Select(response => response.RefreshToken ?? string.Empty)];
            chain.Add((JsonNode)new JsonArray(responses[0].Status, responses[1].Status, tabs[0] == tabs[1] ? "same" : "different"));
        }

        return chain;
    }

    /// <summary>
    /// A write lock on the table lets all requests find that the e-mail address is unused before the first row is inserted.
    /// </summary>
    private async Task<JsonObject> SignUpTogetherAsync(int round)
    {
        const int Together = 6;
        var email = $"together{round}@example.com";
        Task<AuthReply>[] signUps;
        await using (await _database.LockAsync("lock table auth.users in share mode"))
        {
            signUps = [.. Enumerable.Range(0, Together)
                .Select(_ => replayer.RequestAsync(
                    "POST", "/signup", new JsonObject { ["email"] = email, ["password"] = "correct-horse-1" }))];
            await _database.UntilWaitingAsync("supabase_auth_admin", Together);
        }

        var responses = await Task.WhenAll(signUps);
        return new JsonObject
        {
            ["answers"] = Counted(responses.Select(response => response.ToString())),
            ["messages"] = new JsonArray([.. responses.Select(response => response.Body?["msg"]?.ToString()).OfType<string>().Distinct()
                .Select(message => JsonValue.Create(message))]),
            ["users in the table"] = await replayer.ScalarAsync<int>($"select count(*)::int from auth.users where email = '{email}'"),
        };
    }

    /// <summary>Sends both requests concurrently. The recording contains the results of both orders.</summary>
    private async Task<string?> RaceWithLogoutAsync(JsonObject recorded)
    {
        const int Sessions = 8;
        for (var session = 0; session < Sessions; session++)
        {
            var name = $"logout-race{session}";
            await replayer.OpenSessionAsync(name, 1);
            var token = replayer.GetRefreshToken(name);
            var logout = replayer.RequestAsync("POST", "/logout?scope=local", body: null, replayer.GetAccessToken(name));
            var refreshed = await replayer.RefreshAsync(token);
            var outcome = $"refresh {refreshed}, logout {await logout}; afterwards " + (refreshed.RefreshToken is { } next
                ? "/user with the new token "
                    + $"{await replayer.RequestAsync("GET", "/user", body: null, refreshed.Body!["access_token"]!.ToString())}, refresh "
                    + $"with the new token {await replayer.RefreshAsync(next)}"
                : $"refresh again {await replayer.RefreshAsync(token)}");
            if (!recorded.ContainsKey(outcome))
            {
                return $"{outcome} instead of {recorded.ToJsonString()}";
            }
        }

        return null;
    }

    [GeneratedRegex("-n([0-9]+)$")]
    private static partial Regex Count();
}
