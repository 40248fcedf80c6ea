namespace SessionRecovery.Shared;

/// <summary>
/// Shares the result of an operation between callers: while the operation runs, and until an interval after its start has passed. So the
/// operation starts at most once per interval, regardless of the number of callers. It runs detached from its first caller: the
/// cancellation and the ambient state of one caller must not affect the others. Thread-safe.
/// </summary>
internal sealed class SharedResult<T>(TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _task;
    private long _startedAt;

    /// <summary>Returns the running or recent result, or starts the operation.</summary>
    /// <param name="operation">The operation; an exception that it throws is shared like a result.</param>
    /// <param name="interval">The time since the start of the operation for which its result is shared.</param>
    public Task<T> GetAsync(Func<Task<T>> operation, TimeSpan interval)
    {
        lock (_gate)
        {
            if (_task is { } task && (!task.IsCompleted || time.GetElapsedTime(_startedAt) < interval))
            {
                return task;
            }

            _startedAt = time.GetTimestamp();
            return _task = Start(operation);
        }
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
