using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Gives one caller at a time the writer connection. A caller that finds the connection free uses it at once. Writes that arrive while the
/// connection is in use wait, and later run as one group. The writes of a group can share a transaction and its flush to the disk (group
/// commit).
/// </summary>
/// <param name="runGroup">Runs a group of writes and completes each of them. The callback throws no exception.</param>
[SuppressMessage(
    "Design", "CA1001", Justification = "The semaphore has no wait handle, and a write after the end gets the database's own exception.")]
internal sealed class WriteQueue(Action<List<PendingWrite>> runGroup)
{
    // A larger group would hold the write lock of the file for longer.
    private const int MaxGroupSize = 128;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentQueue<PendingWrite> _waiting = new();
    private int _isDraining;
    private volatile bool _isContended;

    /// <summary>
    /// Tries to get the connection without waiting. The caller must call <see cref="Exit"/>. The method returns <see langword="false"/> if
    /// other writes wait, because the caller would overtake them. It also returns <see langword="false"/> after a group of several writes,
    /// because the other callers of that group are likely to write again at the same time as this caller.
    /// </summary>
    public bool TryEnter() => _waiting.IsEmpty && !_isContended && _gate.Wait(0);

    /// <summary>Waits for the connection. The caller must call <see cref="Exit"/>.</summary>
    public Task EnterAsync() => _gate.WaitAsync(CancellationToken.None);

    /// <summary>Blocks until the caller has the connection. The caller must call <see cref="Exit"/>.</summary>
    public void Enter() => _gate.Wait();

    public void Exit()
    {
        _gate.Release();
        Drain();
    }

    public void Add(PendingWrite write)
    {
        _waiting.Enqueue(write);
        Drain();
    }

    private void Drain()
    {
        if (!_waiting.IsEmpty && Interlocked.Exchange(ref _isDraining, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.DrainAsync(), this, preferLocal: false);
        }
    }

    private async Task DrainAsync()
    {
        await EnterAsync().ConfigureAwait(false);
        try
        {
            var group = new List<PendingWrite>();
            while (group.Count < MaxGroupSize && _waiting.TryDequeue(out var write))
            {
                if (write.TryBegin())
                {
                    group.Add(write);
                }
            }

            _isContended = group.Count > 1;
            runGroup(group);
        }
        finally
        {
            Volatile.Write(ref _isDraining, 0);
            Exit();
        }
    }
}
