using System.Diagnostics.CodeAnalysis;
using Npgsql;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Control;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Performs operations on the database of the test double that an administrator or another client would perform.</summary>
[SuppressMessage("Security", "CA2100", Justification = "The statements contain no external input.")]
internal sealed class TroubledDatabase(StandInControl control)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public ThrowAwayPostgres Server => control.Server;

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            // The method throws TimeoutException, because the replay would treat OperationCanceledException as a client timeout.
            if (TimeProvider.System.GetElapsedTime(began) > Deadline)
            {
                throw new TimeoutException("The condition was not met in time.");
            }

            await Task.Delay(Pause);
        }
    }

    public async Task ExecuteAsync(string sql, string user = ThrowAwayPostgres.Superuser)
    {
        await using var connection = await ConnectAsync(user);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until the SQL condition is true.</summary>
    public Task UntilAsync(string condition) => UntilAsync(async () =>
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand($"select {condition}", connection);
        return await command.ExecuteScalarAsync() is true;
    });

    /// <summary>Waits until the given number of the user's database processes wait for a lock or sleep.</summary>
    public Task UntilWaitingAsync(string user, int count = 1) =>
        UntilAsync($"count(*) >= {count} from pg_stat_activity where usename = '{user}' and wait_event_type in ('Lock', 'Timeout')");

    /// <summary>Acquires a lock, which is held until the connection is closed.</summary>
    public async Task<NpgsqlConnection> LockAsync(string sql)
    {
        var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Ends database processes and waits until they have exited.</summary>
    public async Task TerminateAsync(string which)
    {
        await using var connection = await ConnectAsync();
        await using var command =
            new NpgsqlCommand(
                $"select coalesce(array_agg(pid) filter (where pg_terminate_backend(pid)), '{{}}')::text from pg_stat_activity "
                    + $"where {which}", connection);
        var ended = (string)(await command.ExecuteScalarAsync())!;
        await UntilAsync($"count(*) = 0 from pg_stat_activity where pid = any ('{ended}')");
    }

    public async Task<NpgsqlConnection> ConnectAsync(string user = ThrowAwayPostgres.Superuser)
    {
        // The connection string disables type loading, because each unpooled connection would read the type catalog again.
        var connection = new NpgsqlConnection(control.ConnectionString(user) + ";Pooling=false;Server Compatibility Mode=NoTypeLoading");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
