namespace SessionRecovery.Credits.Internal;

/// <summary>
/// The cache entry of one user. It accepts a value only if that is later than its own. Invalidation replaces the slot object by a
/// successor: loads and commands write only to the slot on which they began, so a late one cannot restore an old value.
/// </summary>
internal sealed class CreditSlot
{
    // long.MinValue instead of long?: one slot is kept per user, and a nullable would double the field.
    private const long Never = long.MinValue;

    private readonly Lock _gate = new();
    private CreditEntry? _entry;
    private CreditCommandResult? _initialization;
    private long _lastLoadStarted = Never;
    private long _notFoundAtLoad = Never;
    private int _activePeriod;

    public CreditEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>Gets or sets the result of the last attempt to create the account, since the last load that found none.</summary>
    public CreditCommandResult? Initialization
    {
        get => Volatile.Read(ref _initialization);
        set => Volatile.Write(ref _initialization, value);
    }

    /// <summary>Gets or sets the last period in which the user was active; 0 if there was none.</summary>
    public int ActivePeriod
    {
        get => Volatile.Read(ref _activePeriod);
        set
        {
            // Written once per period, so that the reads of one user do not contend for the memory.
            if (Volatile.Read(ref _activePeriod) != value)
            {
                Volatile.Write(ref _activePeriod, value);
            }
        }
    }

    /// <summary>Creates the successor after an invalidation: expired, with the same last value.</summary>
    public CreditSlot CreateExpired() => new()
    {
        _entry = Entry is { } entry ? entry with { FreshUntil = long.MinValue } : null,
        _activePeriod = ActivePeriod,
    };

    /// <summary>
    /// Creates the successor after a sign-out: empty, and not active. The load interval continues, because a client can sign out at any
    /// rate.
    /// </summary>
    public CreditSlot CreateEmpty()
    {
        lock (_gate)
        {
            return new() { _lastLoadStarted = _lastLoadStarted };
        }
    }

    /// <summary>Accepts a balance if it is later than the current one.</summary>
    /// <returns>Whether it was accepted.</returns>
    public bool Offer(CreditEntry candidate)
    {
        lock (_gate)
        {
            if (_entry is { } entry && !candidate.IsLaterThan(entry))
            {
                return false;
            }

            Volatile.Write(ref _entry, candidate);
            _notFoundAtLoad = Never;
            return true;
        }
    }

    /// <summary>
    /// Returns whether a load that started within <paramref name="interval"/> found no account, so that its result can be reused.
    /// </summary>
    public bool WasNotFound(TimeProvider time, TimeSpan interval)
    {
        lock (_gate)
        {
            return _notFoundAtLoad != Never && time.GetElapsedTime(_notFoundAtLoad) < interval;
        }
    }

    /// <summary>Returns the delay after which the next load may start.</summary>
    public TimeSpan GetLoadDelay(TimeProvider time, TimeSpan interval)
    {
        lock (_gate)
        {
            var delay = _lastLoadStarted != Never ? interval - time.GetElapsedTime(_lastLoadStarted) : TimeSpan.Zero;
            return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        }
    }

    public void RecordLoadStart(long timestamp)
    {
        lock (_gate)
        {
            _lastLoadStarted = timestamp;
        }
    }

    /// <summary>Records that a load found no account, and removes any earlier value.</summary>
    public void RecordNotFound(long loadStarted)
    {
        lock (_gate)
        {
            if (_entry is null || _entry.LoadStarted < loadStarted)
            {
                Volatile.Write(ref _entry, null);
                Initialization = null;
                _notFoundAtLoad = loadStarted;
            }
        }
    }
}
