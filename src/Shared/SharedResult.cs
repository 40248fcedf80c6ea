namespace SessionRecovery.Shared;

/// <summary>
/// Shares the result of an operation between callers while the operation runs, and until an interval has passed since the start of the
/// operation. The operation therefore starts at most once per interval, regardless of the number of callers. The operation runs
/// independently of its first caller, because the cancellation and the ambient state of one caller must not affect the other callers. The
/// class is thread-safe.
/// </summary>
internal sealed class SharedResult<T>(TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _task;
    private long _startedAt;
    private bool _isDropped;
    private bool _isWaiting;

    /// <summary>Returns the running or recent result, or starts the operation.</summary>
    /// <param name="operation">The operation. An exception of the operation is shared like a result.</param>
    /// <param name="interval">The interval, counted from the start of the operation, during which its result is shared.</param>
    public Task<T> GetAsync(Func<Task<T>> operation, TimeSpan interval)
    {
        lock (_gate)
        {
            if (_task is { } task && (!task.IsCompleted || time.GetElapsedTime(_startedAt) < interval))
            {
                return task;
            }

            var delay = _isDropped ? interval - time.GetElapsedTime(_startedAt) : TimeSpan.Zero;
            _isDropped = false;
            if (delay <= TimeSpan.Zero)
            {
                _startedAt = time.GetTimestamp();
                return _task = Start(operation);
            }

            _isWaiting = true;
            return _task = Start(() => RunLaterAsync(operation, delay));
        }
    }

    /// <summary>
    /// Discards the result, so that no later caller receives it. The next start of the operation waits until the interval since the last
    /// start has passed.
    /// </summary>
    public void Drop()
    {
        lock (_gate)
        {
            // The result of an operation that has not started yet is not discarded, because the operation will start after this call.
            if (_task is not null && !_isWaiting)
            {
                _isDropped = true;
                _task = null;
            }
        }
    }

    private async Task<T> RunLaterAsync(Func<Task<T>> operation, TimeSpan delay)
    {
        await Task.Delay(delay, time).ConfigureAwait(false);
        lock (_gate)
        {
            _isWaiting = false;
            _startedAt = time.GetTimestamp();
        }

        return await operation().ConfigureAwait(false);
    }

    private static Task<T> Start(Func<Task<T>> operation)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(operation);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(operation);
        }
    }
}
