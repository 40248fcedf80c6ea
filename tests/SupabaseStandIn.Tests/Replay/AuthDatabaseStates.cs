using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Control;
using ResponseTask = System.Threading.Tasks.Task<System.Net.Http.HttpResponseMessage>;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Creates the states of Auth's database that existed before or during the recorded requests.</summary>
internal sealed partial class AuthDatabaseStates(AuthReplayer replayer)
{
    private const string User = "supabase_auth_admin";

    /// <summary>
    /// The request timeout for database states in which requests block. The timeout is long enough for a request that does not block.
    /// </summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(1);

    private readonly TroubledDatabase _database = new(replayer.StandIn.Control);
    private Func<Task>? _endState;
    private string? _state;

    private StandInControl Control => replayer.StandIn.Control;

    private ThrowAwayPostgres Server => _database.Server;

    public async ResponseTask SendInStateAsync(Exchange exchange, Func<ResponseTask> send)
    {
        var state = GetState(exchange);
        if (state != _state)
        {
            await EndStateAsync();
            await replayer.UserAsync("db");
            await replayer.OpenSessionsAsync(state is null
                ? [exchange]
                : replayer.Recording.Where(other => other.Group == exchange.Group && GetState(other) == state));
            _endState = state is null ? null : await SwitchStateAsync(state);
            _state = state;
        }

        switch (Version().Replace(exchange.Name, string.Empty))
        {
            case "db-freeze-same-token-1s-later":
                await Control.AdvanceAsync(TimeSpan.FromSeconds(1));
                break;
            case "server-sigkill-in-flight":
                await replayer.OpenSessionsAsync([exchange]);
                Control.Fail(new Fault(FaultKind.Down) { Count = 1 });
                break;
            case "server-sigstop-refresh":
                await replayer.OpenSessionsAsync([exchange]);
                return await HangingAsync(send);
        }

        return state is null ? await send() : Version().Replace(state, string.Empty) switch
        {
            "immediate-in-flight" => await StoppedMeanwhileAsync(send, PostgresStop.Immediate),
            "fast-in-flight" => await StoppedMeanwhileAsync(send, PostgresStop.Fast),
            "terminated" => await TerminatedMeanwhileAsync(send),
            "crash-in-commit" => await StoppedMeanwhileAsync(send, PostgresStop.Immediate),
            _ => await send(),
        };
    }

    /// <summary>
    /// Counts the requests that fail because of broken idle connections. Returns null if the summary describes something else.
    /// </summary>
    public async Task<JsonNode?> CountAsync(Exchange exchange)
    {
        const int ConnectionCount = 4;
        if (!exchange.Name.StartsWith("db-restarted-pooled", StringComparison.Ordinal))
        {
            return null;
        }

        var session = exchange.Name.EndsWith("v1", StringComparison.Ordinal) ? "db1-restart" : "db2-restart";
        await EndStateAsync();
        _state = null;
        await replayer.UserAsync("db");
        await replayer.OpenSessionAsync(session, 1);
        Task<AuthReply> SendAsync() => replayer.RequestAsync("GET", "/user", body: null, replayer.GetAccessToken(session));

        Control.Auth.KeepsIdleConnections = true;
        await ForgetConnectionsAsync();
        Task<AuthReply>[] together;
        await using (await _database.LockAsync("lock table auth.users in access exclusive mode"))
        {
            together = [.. Enumerable.Range(0, ConnectionCount).Select(_ => SendAsync())];
            await _database.UntilWaitingAsync(User, ConnectionCount);
        }

        await Task.WhenAll(together);
        await Server.StopAsync();
        await StartAgainAsync();
        var responses = new List<string>();
        while (responses is not [.., "200"] && responses.Count < ConnectionCount * 2)
        {
            responses.Add((await SendAsync()).ToString());
        }

        Control.Auth.KeepsIdleConnections = false;
        await ForgetConnectionsAsync();
        return new JsonObject { ["answers"] = new JsonArray([.. responses.Select(response => JsonValue.Create(response))]) };
    }

    /// <summary>
    /// Returns the database state that the name of a recorded request contains, between "db-" and the last segment. Returns null if the
    /// request was recorded after the end of the state.
    /// </summary>
    private static string? GetState(Exchange exchange) => Over().IsMatch(exchange.Name) ? null
        : exchange.Group == "db" ? LastSegment().Replace(exchange.Name["db-".Length..], string.Empty)
        : exchange.Name.StartsWith("server-start-without-db", StringComparison.Ordinal) ? "started without"
        : null;

    /// <summary>Creates the given database state, and returns a function that ends it.</summary>
    private async Task<Func<Task>> SwitchStateAsync(string state)
    {
        switch (Version().Replace(state, string.Empty))
        {
            case "immediate-in-flight" or "fast-in-flight" or "terminated":
                return await ChangeAsync(
                    "alter table auth.sessions rename to sessions_away; create view auth.sessions as select s.* from "
                        + $"auth.sessions_away s, pg_sleep(30); grant select on auth.sessions to {User}",
                    "drop view auth.sessions; alter table auth.sessions_away rename to sessions");
            case "stopped" or "stopped-no-version":
                await Server.StopAsync();
                return StartAgainAsync;
            case "started without":
                await ForgetConnectionsAsync();
                await Server.StopAsync();
                return StartAgainAsync;
            case "postmaster-sigstop-warm":
                return await FreezeAsync(withBackends: false);
            case "postmaster-sigstop-cold" or "postmaster-sigstop-cold-user-no":
                await ForgetConnectionsAsync();
                return await FreezeAsync(withBackends: false);
            case "freeze":
                return await FreezeAsync(withBackends: true);
            case "maxconn":
                return await FillAsync();
            case "readonly" or "readonly-no-version":
                return await SetAsync("default_transaction_read_only = on");
            case "statement-timeout":
                return Both(await SetAsync("statement_timeout = '300ms'"),
                    await LockAsync("lock table auth.sessions in access exclusive mode"));
            case var locked when locked.StartsWith("rowlock-", StringComparison.Ordinal):
                return Both(ShortenLimits(), await LockAsync($"select from auth.{locked["rowlock-".Length..]} for update"));
            case var locked when locked.StartsWith("tablelock-", StringComparison.Ordinal):
                return Both(ShortenLimits(), await LockAsync($"lock table auth.{locked["tablelock-".Length..]} in access exclusive mode"));
            case "slow-commit":
                return Both(ShortenLimits(), await SlowDownCommitAsync());
            case "crash-in-commit":
                return await SlowDownCommitAsync();
            case "table-missing":
                return await ChangeAsync(
                    "alter table auth.sessions rename to sessions_away", "alter table auth.sessions_away rename to sessions");
            case "permission":
                return await ChangeAsync($"revoke all on auth.refresh_tokens from {User}", $"grant all on auth.refresh_tokens to {User}");
            default:
                return () => Task.CompletedTask;
        }
    }

    private static Func<Task> Both(Func<Task> one, Func<Task> other) => async () =>
    {
        await other();
        await one();
    };

    /// <summary>Restarts the database server. The broken idle connections of Auth remain in its pool.</summary>
    private async Task StartAgainAsync()
    {
        await Server.StartAgainAsync();
        Control.ForgetConnections();
    }

    private async Task EndStateAsync()
    {
        if (_endState is { } endState)
        {
            _endState = null;
            await endState();
        }
    }

    private Func<Task> ShortenLimits()
    {
        var auth = Control.Auth;
        var (request, attempts) = (auth.RequestLimit, auth.LockLimit);
        (auth.RequestLimit, auth.LockLimit) = (RequestLimit, RequestLimit / 4);
        return () =>
        {
            (auth.RequestLimit, auth.LockLimit) = (request, attempts);
            return Task.CompletedTask;
        };
    }

    private async Task<Func<Task>> FreezeAsync(bool withBackends)
    {
        var restoreLimits = ShortenLimits();
        await Server.FreezeAsync(withBackends);
        return Both(restoreLimits, () => Server.ThawAsync());
    }

    private async Task<Func<Task>> ChangeAsync(string change, string back)
    {
        await _database.ExecuteAsync(change);
        return () => _database.ExecuteAsync(back);
    }

    /// <summary>Changes a setting of Auth's database role, and closes the connections of Auth, so that the setting takes effect.</summary>
    private async Task<Func<Task>> SetAsync(string setting)
    {
        await _database.ExecuteAsync($"alter role {User} set {setting}");
        Control.RestartAuth();
        return async () =>
        {
            await _database.ExecuteAsync($"alter role {User} reset {setting.Split(' ')[0]}");
            Control.RestartAuth();
        };
    }

    private async Task<Func<Task>> LockAsync(string sql)
    {
        var holder = await _database.LockAsync(sql);
        return () => holder.DisposeAsync().AsTask();
    }

    /// <summary>
    /// Delays commits with a deferred constraint trigger on the session's row. The trigger sleeps at the end of the transaction.
    /// </summary>
    private Task<Func<Task>> SlowDownCommitAsync() => ChangeAsync(
        """
        create function public.dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
        create constraint trigger dawdle after update on auth.sessions deferrable initially deferred for each row execute function
            public.dawdle();
        """,
        "drop function public.dawdle cascade");

    private Task ForgetConnectionsAsync()
    {
        Control.RestartAuth();
        return _database.UntilAsync($"not exists (select from pg_stat_activity where usename = '{User}')");
    }

    /// <summary>Opens connections of other clients until no connection is available.</summary>
    private async Task<Func<Task>> FillAsync()
    {
        await ForgetConnectionsAsync();
        var others = new List<NpgsqlConnection>();
        try
        {
            while (true)
            {
                others.Add(await _database.ConnectAsync("postgres"));
            }
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            return async () =>
            {
                foreach (var other in others)
                {
                    await other.DisposeAsync();
                }
            };
        }
    }

    /// <summary>Stops the database server while a statement of the request waits in the server.</summary>
    private async ResponseTask StoppedMeanwhileAsync(Func<ResponseTask> send, PostgresStop how)
    {
        var response = send();
        await _database.UntilWaitingAsync(User);
        await Server.StopAsync(how);
        await ((Task)response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StartAgainAsync();
        return await response;
    }

    /// <summary>Sends a request to which the service does not respond until the client has disconnected.</summary>
    private async ResponseTask HangingAsync(Func<ResponseTask> send)
    {
        Control.Fail(new Fault(FaultKind.Hang) { Count = 1 });
        var before = Control.Requests[AuthReplayer.RefreshCounter];
        var response = send();
        await TroubledDatabase.UntilAsync(() => Task.FromResult(Control.Requests[AuthReplayer.RefreshCounter] > before));
        Control.ClearFaults();
        return await response;
    }

    private async ResponseTask TerminatedMeanwhileAsync(Func<ResponseTask> send)
    {
        var response = send();
        await _database.UntilWaitingAsync(User);
        await _database.TerminateAsync($"usename = '{User}' and wait_event = 'PgSleep'");
        return await response;
    }

    /// <summary>Matches the names of exchanges that were recorded after a database state had ended.</summary>
    [GeneratedRegex("-after$|-at-once$|-later$")]
    private static partial Regex Over();

    [GeneratedRegex("-v[12](?=-|$)")]
    private static partial Regex Version();

    [GeneratedRegex("-[a-z]+$")]
    private static partial Regex LastSegment();
}
