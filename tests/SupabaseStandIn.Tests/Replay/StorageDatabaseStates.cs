using Npgsql;
using SessionRecovery.Testing.Postgres;
using ResponseTask = System.Threading.Tasks.Task<System.Net.Http.HttpResponseMessage>;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Creates the states of Storage's database that existed before or during the recorded requests.</summary>
/// <param name="folder">The folder in which the test double stores the content of objects.</param>
internal sealed class StorageDatabaseStates(StorageReplayer replayer, string folder)
{
    private const string User = "supabase_storage_admin";
    private const string LockTable = "lock table storage.objects in access exclusive mode";
    private const string LockRow = $"select from storage.objects where name = '{StorageReplayer.HelloName}' for update";
    private const string Policy = """alter policy "own folder: read" on storage.objects using""";
    private const string PolicyAsItWas = $"{Policy} (bucket_id = 'uploads' and (storage.foldername(name))[1] = (select auth.uid())::text)";
    private const int PoolSize = 20;

    private readonly TroubledDatabase _database = new(replayer.StandIn.Control);
    private readonly List<HalvedContent> _halved = [];
    private Func<Task> _undo = static () => Task.CompletedTask;
    private string? _state;
    private ResponseTask? _holder;

    private ThrowAwayPostgres Server => _database.Server;

    public async ResponseTask SendInStateAsync(string name, Func<ResponseTask> send)
    {
        await SwitchStateAsync(GetState(name));
        switch (name)
        {
            case "db-pooled-connections-terminated":
                await replayer.ReadHelloAsync();
                await _database.TerminateAsync($"usename = '{User}'");
                return await send();
            case "db-backend-terminated-during-read":
                var cut = send();
                await _database.UntilWaitingAsync(User);
                await _database.TerminateAsync($"usename = '{User}' and wait_event_type = 'Lock'");
                return await cut;
            case "db-stop-during-upload-body":
                return await StopDuringBodyAsync(send);
            case "db-stop-during-upsert-body":
                await replayer.PutAsync($"uploads/{StorageReplayer.UserA}/inflight.txt", "text/plain", "before");
                return await StopDuringBodyAsync(send);
            case "pool-exhausted":
                var others = Enumerable.Range(0, PoolSize).Select(_ => replayer.ReadHelloAsync()).ToList();
                await _database.UntilWaitingAsync(User, PoolSize);
                var tooMany = await send();
                await SwitchStateAsync(null);
                await Task.WhenAll(others);
                return tooMany;
            case "row-locked-upsert":
                var waiting = send();
                await _database.UntilWaitingAsync(User);
                await SwitchStateAsync(null);
                return await waiting;
            case "completion-lock-timeout":
                return await CompleteSecondAsync(send);
            case "completion-lock-holder":
                return await _holder!;
            default:
                return await send();
        }
    }

    public HttpContent Content(string name, byte[] bytes)
    {
        if (name is not ("db-stop-during-upload-body" or "db-stop-during-upsert-body" or "completion-lock-timeout"))
        {
            return new ByteArrayContent(bytes);
        }

        _halved.Add(new HalvedContent(bytes));
        return _halved[^1];
    }

    private static string? GetState(string name) => name switch
    {
        "db-backend-terminated-during-read" or "pool-exhausted" or "db-statement-timeout" => "table locked",
        "row-locked-upsert" => "row locked",
        "db-read-only-get" or "db-read-only-delete" => "read only",
        "policy-raises" => "policy raises",
        "grant-missing" => "grant missing",
        _ when name.StartsWith("db-down-", StringComparison.Ordinal) => "stopped",
        _ when name.StartsWith("db-too-many-clients", StringComparison.Ordinal) => "full",
        _ when name.StartsWith("db-hangs", StringComparison.Ordinal) => "frozen",
        _ => null,
    };

    /// <summary>Ends the current database state and creates the given state. <see langword="null"/> is the normal state.</summary>
    private async Task SwitchStateAsync(string? state)
    {
        if (state == _state)
        {
            return;
        }

        await _undo();
        _state = state;
        _undo = state switch
        {
            "table locked" => await LockAsync(LockTable),
            "row locked" => await LockAsync(LockRow),
            "read only" => await MakeReadOnlyAsync(),
            "policy raises" => await ExecuteAsync(
                "create function storage.refuse() returns boolean language plpgsql as 'begin raise exception ''refused''; "
                    + $"end'; {Policy} (storage.refuse())",
                $"{PolicyAsItWas}; drop function storage.refuse()"),
            "grant missing" => await ExecuteAsync(
                "revoke select on storage.objects from authenticated", "grant select on storage.objects to authenticated"),
            "stopped" => await StopAsync(),
            "full" => await FillAsync(),
            "frozen" => await FreezeAsync(),
            _ => static () => Task.CompletedTask,
        };
    }

    private async Task<Func<Task>> ExecuteAsync(string sql, string undo)
    {
        await _database.ExecuteAsync(sql);
        return () => _database.ExecuteAsync(undo);
    }

    private async Task<Func<Task>> LockAsync(string sql)
    {
        var connection = await _database.LockAsync(sql);
        return async () => await connection.DisposeAsync();
    }

    private async Task<Func<Task>> MakeReadOnlyAsync()
    {
        async Task SetAsync(string sql, string value)
        {
            await _database.ExecuteAsync(sql);
            await _database.ExecuteAsync("select pg_reload_conf()");
            await _database.UntilAsync($"current_setting('default_transaction_read_only') = '{value}'");
        }

        await SetAsync("alter system set default_transaction_read_only = on", "on");
        return () => SetAsync("alter system reset default_transaction_read_only", "off");
    }

    private async Task<Func<Task>> StopAsync()
    {
        await Server.StopAsync();
        return () => Server.StartAgainAsync();
    }

    /// <summary>
    /// Takes every available connection. A connection that is being closed becomes available with a delay, so the method stops only after
    /// several consecutive failed attempts.
    /// </summary>
    private async Task<Func<Task>> FillAsync()
    {
        await _database.TerminateAsync($"usename = '{User}'");
        var others = new List<NpgsqlConnection>();
        var rejections = 0;
        await TroubledDatabase.UntilAsync(async () =>
        {
            try
            {
                others.Add(await _database.ConnectAsync("postgres"));
                rejections = 0;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                rejections++;
            }

            return rejections == 5;
        });
        return async () =>
        {
            foreach (var other in others)
            {
                await other.DisposeAsync();
            }
        };
    }

    /// <summary>
    /// Freezes only the main process of PostgreSQL, so that no new connection can be opened, and closes Storage's connections.
    /// </summary>
    private async Task<Func<Task>> FreezeAsync()
    {
        await _database.TerminateAsync($"usename = '{User}'");
        await Server.FreezeAsync(withBackends: false);
        return () => Server.ThawAsync();
    }

    private async ResponseTask StopDuringBodyAsync(Func<ResponseTask> send)
    {
        var files = Directory.GetFiles(folder).Length;
        var response = send();
        await WaitForHalfAsync(1);
        await SwitchStateAsync("stopped");
        SendRest();
        var rejection = await response;
        return Directory.GetFiles(folder).Length == files ? rejection : throw new InvalidOperationException("Bytes were left behind.");
    }

    /// <summary>
    /// Locks the row after two uploads have passed the permission check. The first upload then waits for the row, and the second upload
    /// waits for the first.
    /// </summary>
    private async ResponseTask CompleteSecondAsync(Func<ResponseTask> send)
    {
        _holder = send();
        await WaitForHalfAsync(1);
        var second = send();
        await WaitForHalfAsync(2);
        await SwitchStateAsync("row locked");
        _halved[0].SendRest();
        await _database.UntilWaitingAsync(User);
        SendRest();
        var rejection = await second;
        await SwitchStateAsync(null);
        return rejection;
    }

    /// <summary>Waits until the first half of the bytes is written, which happens after the permission check.</summary>
    private Task WaitForHalfAsync(int uploads) =>
        TroubledDatabase.UntilAsync(() => Task.FromResult(Directory.GetFiles(folder, "*.part").Length == uploads));

    private void SendRest()
    {
        _halved.ForEach(static content => content.SendRest());
        _halved.Clear();
    }
}
