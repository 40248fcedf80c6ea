using System.Collections.Concurrent;
using Npgsql;

namespace SupabaseStandIn.Database;

/// <summary>
/// Connections that are kept and not looked at before they are used, the one that rested longest first. Each has a pool to itself: one
/// pool would forget all that are idle when one proves dead.
/// </summary>
internal sealed class KeptConnections(Func<NpgsqlDataSource> create) : IAsyncDisposable
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

    /// <summary>Closes what is idle.</summary>
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
