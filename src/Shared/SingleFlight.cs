namespace SessionRecovery.Shared;

/// <summary>
/// Runs at most one operation per key at a time. A caller joins an operation whose result it can use, or queues the next one behind it.
/// Operations run detached from the caller: its cancellation and its ambient state (request, activity) must not affect the callers that
/// join. Thread-safe. An entry exists only while an operation of its key runs or waits.
/// </summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _newest;

    public SingleFlight(IEqualityComparer<TKey>? comparer = null) => _newest = new(comparer);

    /// <summary>Joins the operation of this key that runs now, or starts one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="operation">The operation; an exception that it throws reaches every caller that joined.</param>
    public Task<TResult> RunAsync(TKey key, Func<Task<TResult>> operation) => Join(key, static _ => true, _ => operation()).Completion;

    /// <summary>
    /// Joins the oldest operation of this key for which <paramref name="accepts"/> returns <see langword="true"/>, or queues a new one
    /// behind all others.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="accepts">Decides, under the lock, whether the caller can use the result of an operation that runs or waits.</param>
    /// <param name="operation">The operation. It starts when the operations before it have ended.</param>
    /// <param name="tag">Describes the new operation to later calls of <paramref name="accepts"/>.</param>
    /// <param name="overtakes">
    /// Decides, under the lock, whether the new operation need not wait for the newest one. At most one operation of a key overtakes
    /// others.
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
                // Its failure belongs to its own callers. One that it overtook may still run.
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

    /// <summary>Sets <see cref="Flight.IsVoid"/> for the operations of this key, so that their callers discard the results.</summary>
    /// <param name="key">The key.</param>
    public void Void(TKey key) => ForEach(key, static flight => flight.IsVoid = true);

    /// <summary>
    /// Completes <see cref="Flight.Expedited"/> for the operations of this key, so that they begin without a further wait.
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

    // Removes only its own entry. A flight that was queued behind it remains, and so does one that it overtook.
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

    /// <summary>One operation, waiting or running.</summary>
    internal sealed class Flight(Flight? previous, object? tag)
    {
        private long _startedAt = long.MaxValue;
        private object? _state;
        private readonly TaskCompletionSource _expedited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isVoid;

        /// <summary>
        /// Gets the caller-defined position at which the operation began its work; <see cref="long.MaxValue"/> until then.
        /// </summary>
        public long StartedAt => Volatile.Read(ref _startedAt);

        /// <summary>Gets the caller-defined state with which the operation began its work; <see langword="null"/> until then.</summary>
        public object? State => Volatile.Read(ref _state);

        /// <summary>Gets or sets a value that indicates whether the result must no longer be used.</summary>
        public bool IsVoid
        {
            get => _isVoid;
            set => _isVoid = value;
        }

        public object? Tag { get; } = tag;

        public Task<TResult> Completion => Source.Task;

        /// <summary>Gets a task that completes when the operation should begin without a further wait.</summary>
        public Task Expedited => _expedited.Task;

        internal void Expedite() => _expedited.TrySetResult();

        /// <summary>Records that the operation begins its work.</summary>
        public void Begin(object state, long position)
        {
            Volatile.Write(ref _state, state);
            Volatile.Write(ref _startedAt, position);
        }

        internal TaskCompletionSource<TResult> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets a value that indicates whether the operation does not wait for the one before it.</summary>
        internal bool IsOvertaking { get; init; }

        internal bool IsAlone => !IsOvertaking || RunningPrevious is null;

        /// <summary>Gets or sets a value that indicates whether the operation has ended. Written under the lock.</summary>
        internal bool IsEnded { get; set; }

        internal Flight? RunningPrevious => Previous is { IsEnded: false } previous ? previous : null;

        internal Flight? Previous { get; set; } = previous;
    }
}
