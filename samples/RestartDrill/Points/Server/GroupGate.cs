using Microsoft.Data.Sqlite;
using SessionRecovery.Credits;

namespace RestartDrill.Points.Server;

/// <summary>
/// Makes the embedded store run several captures in one transaction, and stops in the middle of that transaction. The gate holds the write
/// lock of the file until all captures except the first wait in the queue of the store. The store then runs these captures as one group.
/// The store reads the clock for each command, so the clock can stop the group.
/// </summary>
internal sealed class GroupGate(KillPoints points, string database)
{
    public const int Size = 16;

    // The number of clock readings after which the group is stopped. The store reads the clock at least twice for each command, so about
    // half of the group has run.
    private const int ReadingsUntilStop = Size;

    [ThreadStatic]
    private static int _readings;

    private readonly TaskCompletionSource _isFull = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteConnection? _blocker;
    private int _arrived;
    private int _sent;
    private volatile bool _isOpen;

    public async ValueTask<CreditCommandResult> ApplyAsync(
        ICreditStore store, CreditCommand command, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _arrived) == Size)
        {
            _blocker = await BlockAsync();
            _isFull.SetResult();
        }

        await _isFull.Task;

        // The first call blocks its thread until the write lock is free. The other calls return at once, because their commands wait in the
        // queue of the store.
        var result = store.ApplyAsync(command, cancellationToken);
        if (Interlocked.Increment(ref _sent) == Size - 1)
        {
            _isOpen = true;
            await _blocker!.DisposeAsync();
        }

        return await result;
    }

    /// <summary>
    /// Counts a reading of the clock, and stops the thread in the middle of the group. A group does not run in the context of one request,
    /// so readings in the context of a marked request do not count.
    /// </summary>
    public void CountReading()
    {
        if (_isOpen && !points.IsMarked && ++_readings == ReadingsUntilStop)
        {
            points.Reach(KillPoint.GroupCommit);
            Thread.Sleep(Timeout.Infinite);
        }
    }

    private async Task<SqliteConnection> BlockAsync()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var begin = connection.CreateCommand();
        begin.CommandText = "begin immediate";
        await begin.ExecuteNonQueryAsync();
        return connection;
    }
}
