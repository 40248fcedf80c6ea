namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents a write that waits for the writer connection. The write can be canceled until a transaction runs it for the first time.
/// </summary>
internal abstract class PendingWrite
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Canceled = 2;

    private int _state;

    /// <summary>Returns <see langword="false"/> if the write was canceled and must not run.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;

    /// <summary>Runs the callback and keeps its result. If the transaction is rolled back, the callback may run again.</summary>
    public abstract void Run(StoreConnection connection);

    /// <summary>Gives the result to the caller. The transaction must be committed.</summary>
    public abstract void Complete();

    /// <summary>Gives an exception to the caller. The transaction must be rolled back.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Returns <see langword="false"/> if the write has begun and runs to its end.</summary>
    protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Canceled, Waiting) == Waiting;
}

/// <summary>Represents a write with a result.</summary>
internal sealed class PendingWrite<T> : PendingWrite
{
    // A continuation must not run on the thread that executes the group, because the other callers of the group would wait for it.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<StoreConnection, T> _work;
    private readonly CancellationTokenRegistration _cancellation;
    private T? _value;

    public PendingWrite(Func<StoreConnection, T> work, CancellationToken cancellationToken)
    {
        _work = work;
        _cancellation = cancellationToken.UnsafeRegister(
            static (write, token) => ((PendingWrite<T>)write!).Cancel(token), this);
    }

    public Task<T> Result => _result.Task;

    public override void Run(StoreConnection connection) => _value = _work(connection);

    public override void Complete()
    {
        _cancellation.Unregister();
        _result.SetResult(_value!);
    }

    public override void Fail(Exception exception)
    {
        _cancellation.Unregister();
        _result.SetException(exception);
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        if (TryCancel())
        {
            _result.SetCanceled(cancellationToken);
        }
    }
}
