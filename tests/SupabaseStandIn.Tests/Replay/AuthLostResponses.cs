using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SupabaseStandIn.Control;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Replays refreshes whose response was lost, because the connection was closed or the server was killed. When the response is lost, the
/// refresh may be committed, not committed, or in the middle of its commit. The test creates each case explicitly.
/// </summary>
internal sealed partial class AuthLostResponses(AuthReplayer replayer)
{
    private readonly TroubledDatabase _database = new(replayer.StandIn.Control);

    /// <summary>Returns the difference from the recorded result, or null if there is no difference.</summary>
    public async Task<string?> RunAsync(Exchange exchange)
    {
        var recorded = exchange.Summary!;
        switch (Variant().Replace(exchange.Name, string.Empty))
        {
            case "lost-every-first-answer":
                var statuses = await LoseEveryFirstAsync(exchange.Name, recorded.AsArray().Count);
                return JsonNode.DeepEquals(recorded, statuses) ? null : $"{statuses.ToJsonString()} instead of {recorded.ToJsonString()}";
            case "lost-two-in-a-row":
                await replayer.OpenSessionAsync(exchange.Name, 1);
                var token = replayer.GetRefreshToken(exchange.Name);
                await LoseAsync(token, FaultKind.ResponseLost);
                await LoseAsync(token, FaultKind.ResponseLost);
                return Compare(recorded, [$"third attempt {await FollowAsync(await replayer.RefreshAsync(token))}"]);
            case "lost-server-sigkill-in-commit":
                return Compare(recorded, [await LoseInCommitAsync(exchange.Name)]);
            case "lost-client-closed":
                return Compare(recorded, [
                    $"committed before the repeat -> repeat {await RepeatAsync($"{exchange.Name}-committed", FaultKind.ResponseLost)}",
                    $"not (yet) committed before the repeat -> repeat {await RepeatAsync($"{exchange.Name}-not", FaultKind.Down)}"]);
            default:
                return Compare(recorded, [
                    await RepeatArrivedAsync($"{exchange.Name}-arrived"),
                    $"answer lost, committed -> repeat {await RepeatAsync($"{exchange.Name}-committed", FaultKind.ResponseLost)}",
                    $"answer lost, not committed -> repeat {await RepeatAsync($"{exchange.Name}-not", FaultKind.Down)}"]);
        }
    }

    /// <summary>Loses the first response and then advances the clock.</summary>
    public async Task LoseAndWaitAsync(string session, TimeSpan wait)
    {
        await replayer.OpenSessionAsync(session, 1);
        await LoseAsync(replayer.GetRefreshToken(session), FaultKind.ResponseLost);
        await replayer.StandIn.Control.AdvanceAsync(wait);
    }

    /// <summary>
    /// Every recorded outcome must occur in the replay. Other outcomes may also occur, because the recording contains only some of them.
    /// </summary>
    private static string? Compare(JsonNode recorded, IReadOnlyCollection<string> outcomes)
    {
        var missing = recorded.AsObject().Select(outcome => outcome.Key).Except(outcomes).ToList();
        return missing.Count == 0 ? null : $"{string.Join("; ", outcomes)} instead of {string.Join("; ", missing)}";
    }

    private async Task LoseAsync(string token, FaultKind how)
    {
        replayer.StandIn.Control.Fail(new Fault(how) { Service = ServiceName.Auth, Count = 1 });
        try
        {
            throw new InvalidOperationException($"The response was not lost: {await replayer.RefreshAsync(token)}");
        }
        catch (HttpRequestException)
        {
            // The exception is expected, because the response is lost on purpose.
        }
    }

    private async Task<string> RepeatAsync(string session, FaultKind how)
    {
        await replayer.OpenSessionAsync(session, 1);
        await LoseAsync(replayer.GetRefreshToken(session), how);
        return await FollowAsync(await replayer.RefreshAsync(replayer.GetRefreshToken(session)));
    }

    private async Task<string> RepeatArrivedAsync(string session)
    {
        await replayer.OpenSessionAsync(session, 1);
        var arrived = await replayer.RefreshAsync(replayer.GetRefreshToken(session));
        var repeat = await replayer.RefreshAsync(replayer.GetRefreshToken(session));
        var same = repeat.RefreshToken == arrived.RefreshToken
            ? "same refresh token as the answer that arrived"
            : "another refresh token than the answer that arrived";
        return $"answer arrived, committed -> repeat {repeat.Status}, {same}, then its token "
            + $"{await replayer.RefreshAsync(repeat.RefreshToken!)}";
    }

    private async Task<string> FollowAsync(AuthReply repeat) =>
        $"{repeat}, then its token {(repeat.RefreshToken is { } token ? (await replayer.RefreshAsync(token)).ToString() : "is missing")}";

    private async Task<JsonArray> LoseEveryFirstAsync(string session, int times)
    {
        await replayer.OpenSessionAsync(session, 1);
        var (token, statuses) = (replayer.GetRefreshToken(session), new JsonArray());
        for (var time = 0; time < times; time++)
        {
            await LoseAsync(token, FaultKind.ResponseLost);
            var repeat = await replayer.RefreshAsync(token);
            statuses.Add(repeat.ToString());
            token = repeat.RefreshToken ?? string.Empty;
        }

        return statuses;
    }

    /// <summary>
    /// Sends the refresh token again during the commit of the first refresh. A deferred constraint trigger on the session's row makes the
    /// commit wait for a lock.
    /// </summary>
    private async Task<string> LoseInCommitAsync(string session)
    {
        await replayer.OpenSessionAsync(session, 1);
        var token = replayer.GetRefreshToken(session);
        await _database.ExecuteAsync(
            """
            create function public.dawdle() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(2); return
                null; end $$;
            create constraint trigger dawdle after update on auth.sessions deferrable initially deferred for each row execute function
                public.dawdle();
            """);
        Task lost;
        Task<AuthReply> repeat;
        await using (await _database.LockAsync("select pg_advisory_xact_lock(2)"))
        {
            lost = LoseAsync(token, FaultKind.ResponseLost);
            await _database.UntilWaitingAsync("supabase_auth_admin");
            var requested = replayer.StandIn.Control.Requests[AuthReplayer.RefreshCounter];
            repeat = replayer.RefreshAsync(token);
            await TroubledDatabase.UntilAsync(
                () => Task.FromResult(replayer.StandIn.Control.Requests[AuthReplayer.RefreshCounter] > requested));
        }

        await lost;
        var (first, again) = (await repeat, await replayer.RefreshAsync(token));
        await _database.ExecuteAsync("drop function public.dawdle cascade");
        return $"repeat during the commit {first}, again 0.5 s later {again}, "
            + $"{(first.RefreshToken == again.RefreshToken ? "same" : "another")} refresh token";
    }

    [GeneratedRegex("-v[12]-i[0-9]+$")]
    private static partial Regex Variant();
}
