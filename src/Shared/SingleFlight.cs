namespace SessionRecovery.Shared;

/// <summary>
/// Runs at most one operation per key at a time. A caller joins an operation whose result it can use, or queues a new operation. Operations
/// run independently of the callers, so that the cancellation of one caller does not affect the other callers. An entry exists only while
/// an operation with its key runs or waits. The class is thread-safe.
/// </summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _newest;

    public SingleFlight(IEqualityComparer<TKey>? comparer = null) => _newest = new(comparer);

    /// <summary>Joins the operation that is running for this key, or starts a new one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="operation">
    /// The operation. If the operation throws an exception, every caller that joined receives the exception.
    /// </param>
    public Task<TResult> RunAsync(TKey key, Func<Task<TResult>> operation) => Join(key, static _ => true, _ => operation()).Completion;

    /// <summary>
    /// Joins the oldest operation with this key for which <paramref name="accepts"/> returns <see langword="true"/>. If there is no such
    /// operation, a new operation is queued behind all others.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="accepts">
    /// Decides whether the caller can use the result of a running or waiting operation. The callback is called while the lock is held.
    /// </param>
    /// <param name="operation">The operation, which starts when all earlier operations with this key have ended.</param>
    /// <param name="tag">
    /// Data that describes the new operation. The <paramref name="accepts"/> callbacks of later calls can read this data.
    /// </param>
    /// <param name="overtakes">
    /// Decides whether the new operation may start without waiting for the newest operation. The callback is called while the lock is held.
    /// At most one operation per key may start without waiting.
    /// </param>
    public Flight Join(
        TKey key,
        Func<Flight, bool> accepts,
        Func<Flight, Task<TResult>> operation,
        object? tag = null,
        Func<Flight, bool>? overtakes = null)
    {
        Flight flight;
        lock (_gate)
        {
            var newest = _newest.GetValueOrDefault(key);
            if (FindOldest(newest, accepts) is { } joined)
            {
                return joined;
            }

            flight = new Flight(newest, tag) { IsOvertaking = newest is { IsAlone: true } && overtakes?.Invoke(newest) == true };
            _newest[key] = flight;
        }

        Start(() => RunAsync(key, flight, operation));
        return flight;
    }

    private static Flight? FindOldest(Flight? newest, Func<Flight, bool> accepts)
    {
        Flight? oldest = null;
        for (var flight = newest; flight is not null; flight = flight.Previous)
        {
            if (!flight.Completion.IsCompleted && accepts(flight))
            {
                oldest = flight;
            }
        }

        return oldest;
    }

    private static void Start(Func<Task> operation)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = Task.Run(operation);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(operation);
        }
    }

    private async Task RunAsync(TKey key, Flight flight, Func<Flight, Task<TResult>> operation)
    {
        try
        {
            if (flight is { IsOvertaking: false, Previous: { } previous })
            {
                // The exception of the previous operation is ignored here, because the callers of that operation receive it. If the
                // previous operation overtook the operation before it, that operation may still be running and becomes the previous one.
                await ((Task)previous.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                flight.Previous = previous.RunningPrevious;
            }

            var result = await operation(flight).ConfigureAwait(false);
            Remove(key, flight);
            flight.Source.TrySetResult(result);
        }
        catch (Exception exception)
        {
            Remove(key, flight);
            flight.Source.TrySetException(exception);
        }
    }

    /// <summary>Sets <see cref="Flight.IsVoid"/> for all operations with this key, so that their callers discard the results.</summary>
    /// <param name="key">The key.</param>
    public void Void(TKey key) => ForEach(key, static flight => flight.IsVoid = true);

    /// <summary>
    /// Completes <see cref="Flight.Expedited"/> for all operations with this key. Operations that wait begin immediately.
    /// </summary>
    /// <param name="key">The key.</param>
    public void Expedite(TKey key) => ForEach(key, static flight => flight.Expedite());

    private void ForEach(TKey key, Action<Flight> action)
    {
        lock (_gate)
        {
            for (var flight = _newest.GetValueOrDefault(key); flight is not null; flight = flight.Previous)
            {
                action(flight);
            }
        }
    }

    // Removes only the given operation. Operations that were queued behind it or overtaken by it remain.
    private void Remove(TKey key, Flight flight)
    {
        lock (_gate)
        {
            flight.IsEnded = true;
            if (!ReferenceEquals(_newest.GetValueOrDefault(key), flight))
            {
                return;
            }

            if (flight.RunningPrevious is { } overtaken)
            {
                _newest[key] = overtaken;
            }
            else
            {
                _newest.Remove(key);
            }
        }
    }

    /// <summary>Represents one operation, which is waiting or running.</summary>
    internal sealed class Flight(Flight? previous, object? tag)
    {
        private long _startedAt = long.MaxValue;
        private object? _state;
        private readonly TaskCompletionSource _expedited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isVoid;

        /// <summary>
        /// Gets the position that the caller assigned when the operation began its work. Before the operation begins, the value is
        /// <see cref="long.MaxValue"/>.
        /// </summary>
        public long StartedAt => Volatile.Read(ref _startedAt);

        /// <summary>
        /// Gets the state that the caller assigned when the operation began its work. Before the operation begins, the value is null.
        /// </summary>
        public object? State => Volatile.Read(ref _state);

        /// <summary>Gets or sets a value that indicates whether the result of the operation must be discarded.</summary>
        public bool IsVoid
        {
            get => _isVoid;
            set => _isVoid = value;
        }

        public object? Tag { get; } = tag;

        public Task<TResult> Completion => Source.Task;

        /// <summary>Gets a task that completes when the operation must begin without a further wait.</summary>
        public Task Expedited => _expedited.Task;

        internal void Expedite() => _expedited.TrySetResult();

        /// <summary>Records that the operation has begun its work.</summary>
        public void Begin(object state, long position)
        {
            Volatile.Write(ref _state, state);
            Volatile.Write(ref _startedAt, position);
        }

        internal TaskCompletionSource<TResult> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets a value that indicates whether the operation started without waiting for the previous operation.</summary>
        internal bool IsOvertaking { get; init; }

        internal bool IsAlone => !IsOvertaking || RunningPrevious is null;

        /// <summary>
        /// Gets or sets a value that indicates whether the operation has ended. The property is set while the lock is held.
        /// </summary>
        internal bool IsEnded { get; set; }

        internal Flight? RunningPrevious => Previous is { IsEnded: false } previous ? previous : null;

        internal Flight? Previous { get; set; } = previous;
    }
}
