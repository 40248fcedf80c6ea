using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Rest;

/// <summary>
/// Implements the schema cache of PostgREST. The cache is reloaded after <c>NOTIFY pgrst</c>. Without a database there is no cache, and
/// requests fail.
/// </summary>
internal sealed class SchemaCache(StandInDatabase database) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const string Query =
        """
        select json_build_object(
            'tables', (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname,
                'columns', (select coalesce(json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod) order by a.attnum), '{}') from
                    pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
                'key', (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_index i join pg_attribute a on a.attrelid =
                    c.oid and a.attnum = any (i.indkey) where i.indrelid = c.oid and i.indisprimary))), '[]')
                from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1) and c.relkind in ('r', 'v', 'm',
                    'f', 'p')),
            'functions', (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', p.proname,
                'arguments', (select coalesce(json_agg(json_build_object('name', coalesce(p.proargnames[i], ''), 'type',
                    format_type(t.type, null), 'required', i <= p.pronargs - p.pronargdefaults) order by i), '[]')
                    from unnest(p.proargtypes::oid[]) with ordinality as t (type, i)),
                'is_set', p.proretset,
                'is_void', p.prorettype = 'void'::regtype,
                'is_composite', r.typtype = 'c' or coalesce('o' = any (p.proargmodes) or 't' = any (p.proargmodes) or 'b' = any
                    (p.proargmodes), false),
                'is_read_only', p.provolatile <> 'v',
                'isolation', (select split_part(s, '=', 2) from unnest(p.proconfig) s where s like 'default_transaction_isolation=%'),
                'statement_timeout', (select split_part(s, '=', 2) from unnest(p.proconfig) s where s like 'statement_timeout=%'))), '[]')
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_type r on r.oid = p.prorettype where n.nspname = any
                    ($1) and p.prokind = 'f'
                and p.prorettype <> 'trigger'::regtype and p.prorettype <> 'event_trigger'::regtype),
            'settings', (select coalesce(json_object_agg(r.rolname, s.setconfig), '{}') from pg_db_role_setting s join pg_roles r on r.oid
                = s.setrole where s.setdatabase = 0)
        )::text
        """;

    public static readonly string[] Schemas = ["public", "storage", "graphql_public"];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _reloading = new(1);
    private Task _listening = Task.CompletedTask;
    private volatile Task _deciding = Task.CompletedTask;
    private Snapshot? _snapshot;

    public sealed record Table(string Schema, string Name, IReadOnlyDictionary<string, string> Columns, IReadOnlyList<string> Key);

    public sealed record Argument(string Name, string Type, bool Required);

    public sealed record Function(string Schema, string Name, IReadOnlyList<Argument> Arguments, bool IsSet, bool IsVoid, bool IsComposite,
        bool IsReadOnly, string? Isolation, string? StatementTimeout);

    public sealed record Snapshot(
        ImmutableArray<Table> Tables, ImmutableArray<Function> Functions, IReadOnlyDictionary<string, string[]> Settings)
    {
        public Table? FindTable(string schema, string name) => Tables.FirstOrDefault(table => table.Schema == schema && table.Name == name);

        public IEnumerable<Function> FindFunctions(string schema, string name) =>
            Functions.Where(function => function.Schema == schema && function.Name == name);
    }

    /// <summary>Returns the current content of the cache. Requests wait while the cache is invalid.</summary>
    public async Task<Snapshot> CurrentAsync()
    {
        await _deciding;
        return _snapshot ?? throw RestException.NoSchemaCache();
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connection = await ListenAsync(cancellationToken);
        await ReloadAsync(cancellationToken);
        _listening = ListenForeverAsync(connection);
    }

    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            await using var command = database.Admin.CreateCommand(Query).With([Schemas]);
            _snapshot = JsonSerializer.Deserialize<Snapshot>((string)(await command.ExecuteScalarAsync(cancellationToken))!, Json);
        }
        catch (NpgsqlException)
        {
            // All idle connections are closed, because usually all of them are broken.
            database.Admin.Clear();
            throw;
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>Reloads the cache after a connection has broken. While the database is unavailable, the cache is empty.</summary>
    public void Invalidate()
    {
        var decided = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _deciding = decided.Task;
        _ = RecoverAsync(decided);
    }

    /// <summary>Empties the cache until the next query of the database, as after a start of PostgREST.</summary>
    public void Forget()
    {
        _snapshot = null;
        Invalidate();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listening;
        _stopping.Dispose();
        _reloading.Dispose();
    }

    private async Task<NpgsqlConnection> ListenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(database.ConnectionString("authenticator") + ";Pooling=false");
        connection.Notification += (_, notice) =>
        {
            if (notice.Payload is "reload schema" or "")
            {
                // Requests use the old content of the cache until the new content is loaded.
                _ = RecoverAsync(new TaskCompletionSource());
            }
        };
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("listen pgrst", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task ListenForeverAsync(NpgsqlConnection? connection)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (connection is null)
                {
                    connection = await ListenAsync(_stopping.Token);
                    await ReloadAsync(_stopping.Token);
                }

                await connection.WaitAsync(_stopping.Token);
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or OperationCanceledException)
            {
                await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
                connection = null;

                // After a reconnect, the cache is reloaded, because notifications may have been missed. Only a failed request invalidates
                // the cache.
                await PauseAsync();
            }
        }

        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task PauseAsync() => await Task.Delay(Pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>
    /// Reloads the cache and then completes every waiting request. If an unexpected error occurs, the next request receives it.
    /// </summary>
    private async Task RecoverAsync(TaskCompletionSource decided)
    {
        try
        {
            await ReloadUntilSuccessAsync(decided);
            decided.TrySetResult();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The exception is ignored, because the test double is shutting down.
            decided.TrySetResult();
        }
        catch (Exception exception)
        {
            decided.TrySetException(exception);
        }
    }

    private async Task ReloadUntilSuccessAsync(TaskCompletionSource decided)
    {
        for (var attempt = 0; !_stopping.IsCancellationRequested; attempt++)
        {
            try
            {
                await ReloadAsync(_stopping.Token);
                return;
            }
            catch (NpgsqlException)
            {
                if (attempt > 0)
                {
                    // The first failure may be caused by a broken idle connection, but the second failure cannot.
                    _snapshot = null;
                    decided.TrySetResult();
                    await PauseAsync();
                }
            }
        }
    }
}
