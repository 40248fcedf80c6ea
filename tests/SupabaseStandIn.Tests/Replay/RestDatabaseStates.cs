using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using SessionRecovery.Testing.Postgres;
using ResponseTask = System.Threading.Tasks.Task<System.Net.Http.HttpResponseMessage>;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Creates the states of PostgREST's database that existed before or during the recorded requests.</summary>
internal sealed class RestDatabaseStates(RestReplayer replayer)
{
    private const string User = "authenticator";
    private const string Hold = "select pg_advisory_xact_lock(1)";
    private const string IdleOfPool = $"usename = '{User}' and query <> 'listen pgrst'";
    private const int PoolSize = 10;

    private readonly TroubledDatabase _database = new(replayer.StandIn.Control);
    private readonly List<ResponseTask> _others = [];
    private NpgsqlConnection? _lock;

    private ThrowAwayPostgres Server => _database.Server;

    public async ResponseTask SendInStateAsync(string name, Func<ResponseTask> send)
    {
        switch (name)
        {
            case "db-stop-read-first":
                await WarmAsync();
                await Server.StopAsync();
                return await send();
            case "db-restart-poll-write-1":
                await WarmAsync();
                await Server.StopAsync();
                await Server.StartAgainAsync();
                return await send();
            case "db-fast-stop-during-rpc":
                return await DuringAsync(send, () => Server.StopAsync());
            case "db-immediate-stop-during-rpc":
                return await DuringAsync(send, () => Server.StopAsync(PostgresStop.Immediate));
            case "db-terminate-during-rpc":
                return await DuringAsync(send, () => _database.TerminateAsync($"usename = '{User}' and wait_event = 'PgSleep'"));
            case "db-cancel-during-rpc":
                return await DuringAsync(send, () => _database.ExecuteAsync(
                    $"select pg_cancel_backend(pid) from pg_stat_activity where usename = '{User}' and wait_event = 'PgSleep'"));
            case "db-terminate-idle-after-1" or "db-terminate-idle-after-write-1":
                await WarmAsync();
                await _database.TerminateAsync(IdleOfPool);
                return await send();
            case "db-terminate-listener-after":
                await _database.TerminateAsync("query = 'listen pgrst'");
                return await send();
            case "db-start-poll-1" or "db-fast-stop-after-1" or "db-immediate-stop-after-1" or "server-before-db-after-1":
                return await MeanwhileAsync(send, () => Server.StartAgainAsync());
            case "db-start-poll-2" or "db-fast-stop-after-2" or "db-immediate-stop-after-2" or "server-before-db-after-2":
                return await SendUntilAsync(send, static response => response.StatusCode != HttpStatusCode.ServiceUnavailable);
            case "db-hang-all-15th":
                return await ExceedPoolAsync(send);
            case "db-hang-all-read" or "db-hang-all-write":
                return await HangingAsync(send);
            case "db-hang-client-timeout-write":
                return await GiveUpAsync();
            case "pool-exhausted-bad-token":
                await ExhaustPoolAsync();
                return await send();
            case "pool-holder-0":
                await ReleasePoolAsync();
                return await _others[0];
            case "pool-wait-succeeds":
                await ExhaustPoolAsync();
                return await WaitingAsync(send);
            case "serialization-first":
                return await RaceAsync(send);
            case "serialization-second":
                return await _others[0];
            case "raise-code-40P01":
                return await GiveUpOnEndlessAsync();
            case "server-before-db-read":
                await Server.StopAsync();
                replayer.StandIn.Control.RestartRest();
                return await send();
            case var _ when name.StartsWith("reload-", StringComparison.Ordinal):
                return await SendAfterChangeAsync(name, send);
            default:
                return await send();
        }
    }

    private async ResponseTask SendAfterChangeAsync(string name, Func<ResponseTask> send)
    {
        const string Notify = "notify pgrst, 'reload schema'";
        switch (name)
        {
            case "reload-after-notify-1":
                await _database.ExecuteAsync("create function public.fresh_sig(a int) returns int language sql as 'select a'", "postgres");
                return await MeanwhileAsync(send, () => _database.ExecuteAsync(Notify));
            case "reload-after-notify-2":
                return await SendUntilAsync(send, static response => response.IsSuccessStatusCode);
            case "reload-dropped-table-after":
                await _database.ExecuteAsync(Notify);
                return await SendUntilAsync(send, static response => response.Headers.GetValues("proxy-status").Single()
                    .EndsWith("PGRST205", StringComparison.Ordinal));
        }

        var change = name switch
        {
            "reload-created-not-notified" =>
                "create table public.fresh (id int primary key, a text, b text); insert into public.fresh values (1, 'x', 'y')",
            "reload-function-not-notified" => "create function public.fresh_fn() returns int language sql as 'select 1'",
            "reload-new-column-read" => "alter table public.fresh add column c text",
            "reload-dropped-column-insert" => "alter table public.fresh drop column b",
            "reload-old-signature" =>
                "drop function public.fresh_sig(int); create function public.fresh_sig(a int, b int) returns int language sql "
                    + "as 'select a + b'",
            "reload-dropped-table" => "drop table public.fresh",
            "reload-config-only" =>
                "create function public.f_echo_tmp() returns int language sql as 'select 1'; notify pgrst, 'reload config'",
            _ => null,
        };
        if (change is not null)
        {
            await _database.ExecuteAsync(change, "postgres");
        }

        return await send();
    }

    /// <summary>Ensures that the pool has a connection and that PostgREST has loaded the schema.</summary>
    private async Task WarmAsync()
    {
        using var response = await SendUntilAsync(ReadAsync, static response => response.IsSuccessStatusCode);
    }

    /// <summary>Runs an action while the database executes the query of the request.</summary>
    private async ResponseTask DuringAsync(Func<ResponseTask> send, Func<Task> trigger)
    {
        var response = send();
        await _database.UntilWaitingAsync(User);
        await trigger();
        return await response;
    }

    /// <summary>
    /// Triggers an event after the request was sent. The event takes longer than a response that needs no database query.
    /// </summary>
    private static async ResponseTask MeanwhileAsync(Func<ResponseTask> send, Func<Task> trigger)
    {
        var response = send();
        await trigger();
        return await response;
    }

    private static async ResponseTask SendUntilAsync(Func<ResponseTask> send, Func<HttpResponseMessage, bool> isGood)
    {
        HttpResponseMessage? response = null;
        await TroubledDatabase.UntilAsync(async () =>
        {
            response?.Dispose();
            response = await send();
            return isGood(response);
        });
        return response!;
    }

    /// <summary>Freezes the database server and all its processes during the request.</summary>
    private async Task<T> FrozenAsync<T>(Func<Task<T>> meanwhile)
    {
        await WarmAsync();
        await Server.FreezeAsync(withBackends: true);
        try
        {
            return await meanwhile();
        }
        finally
        {
            await Server.ThawAsync();
        }
    }

    private async ResponseTask HangingAsync(Func<ResponseTask> send)
    {
        var response = await FrozenAsync(async () =>
        {
            var pending = send();
            await UntilUnreadAsync();
            return new[] { pending };
        });
        return await response[0];
    }

    /// <summary>Sends more requests than the pool has connections. The pool is full when the surplus requests are rejected.</summary>
    private async ResponseTask ExceedPoolAsync(Func<ResponseTask> send)
    {
        _others.Clear();
        var response = await FrozenAsync(async () =>
        {
            _others.AddRange(Enumerable.Range(0, 14).Select(_ => ReadAsync()));
            await TroubledDatabase.UntilAsync(
                () => Task.FromResult(_others.Count(static other => other.IsCompleted) == _others.Count - PoolSize));
            return await send();
        });
        await Task.WhenAll(_others);
        return response;
    }

    private async ResponseTask GiveUpAsync()
    {
        using var cancellation = new CancellationTokenSource();
        var call = await FrozenAsync(async () =>
        {
            var write = replayer.SendAsUserAsync("POST", "/rpc/write_log", new JsonObject { ["k"] = "gaveup" }, cancellation.Token);
            await UntilUnreadAsync();
            await cancellation.CancelAsync();
            await ((Task)write).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new[] { write };
        });
        await _database.UntilAsync("count(*) = 1 from public.log where k = 'gaveup'");
        return await call[0];
    }

    /// <summary>
    /// Sends a request that fails with the same retryable error each time. The server retries the request without limit, even after the
    /// client has disconnected. The test drops the function to end the retries.
    /// </summary>
    private async ResponseTask GiveUpOnEndlessAsync()
    {
        await _database.ExecuteAsync(
            """
            create sequence public.attempts;
            create or replace function public.raise_code(code text, msg text default 'the message') returns void language plpgsql as $$
            begin
                perform nextval('public.attempts');
                raise exception '%', msg using errcode = code;
            end
            $$
            """);
        using var cancellation = new CancellationTokenSource();
        var call = replayer.SendAsUserAsync("POST", "/rpc/raise_code", new JsonObject { ["code"] = "40P01" }, cancellation.Token);
        await _database.UntilAsync("last_value > 10 from public.attempts");
        await cancellation.CancelAsync();
        await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var before = await replayer.StandIn.Control.ScalarAsync<long>("select last_value from public.attempts");
        await _database.UntilAsync($"last_value > {before} + 10 from public.attempts");
        await _database.ExecuteAsync("drop function public.raise_code");
        return await call;
    }

    private Task UntilUnreadAsync() => TroubledDatabase.UntilAsync(() => Task.FromResult(Server.HasUnread));

    private async Task ExhaustPoolAsync()
    {
        _lock = await _database.LockAsync(Hold);
        _others.Clear();
        _others.AddRange(Enumerable.Range(0, PoolSize)
            .Select(_ => replayer.SendAsUserAsync("POST", "/rpc/sleep_longer_timeout", new JsonObject { ["s"] = 15 })));
        await _database.UntilWaitingAsync(User, PoolSize);
    }

    private async Task ReleasePoolAsync()
    {
        await _lock!.DisposeAsync();
        await Task.WhenAll(_others);
    }

    private async ResponseTask WaitingAsync(Func<ResponseTask> send)
    {
        const string Counter = "GET /rest/v1/notes";
        var before = replayer.StandIn.Control.Requests[Counter];
        var response = send();
        await TroubledDatabase.UntilAsync(() => Task.FromResult(replayer.StandIn.Control.Requests[Counter] > before));
        await ReleasePoolAsync();
        return await response;
    }

    /// <summary>
    /// Two concurrent requests read before one of them writes. The request whose response arrives first corresponds to the first recorded
    /// request.
    /// </summary>
    private async ResponseTask RaceAsync(Func<ResponseTask> send)
    {
        ResponseTask[] racers;
        await using (await _database.LockAsync(Hold))
        {
            racers = [send(), send()];
            await _database.UntilWaitingAsync(User, racers.Length);
        }

        var first = await Task.WhenAny(racers);
        _others.Clear();
        _others.Add(racers.Single(racer => racer != first));
        return await first;
    }

    private ResponseTask ReadAsync() => replayer.SendAsUserAsync("GET", "/notes?select=id&limit=1");
}
