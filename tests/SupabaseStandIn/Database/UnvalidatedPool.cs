using System.Collections.Concurrent;
using Npgsql;

namespace SupabaseStandIn.Database;

/// <summary>
/// A pool of connections that are not validated before use. The connection that has been idle for the longest time is used first. Each
/// connection has its own Npgsql pool, because a shared pool would discard all idle connections when one of them is broken.
/// </summary>
internal sealed class UnvalidatedPool(Func<NpgsqlDataSource> create) : IAsyncDisposable
{
    private readonly ConcurrentQueue<NpgsqlDataSource> _idle = new();
    private readonly ConcurrentBag<NpgsqlDataSource> _all = [];

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (!_idle.TryDequeue(out var source))
        {
            source = create();
            _all.Add(source);
        }

        var connection = source.CreateConnection();
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == System.Data.ConnectionState.Closed)
            {
                _idle.Enqueue(source);
            }
        };
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the idle connections.</summary>
    public void Clear()
    {
        foreach (var source in _all)
        {
            source.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _all)
        {
            await source.DisposeAsync();
        }
    }
}
