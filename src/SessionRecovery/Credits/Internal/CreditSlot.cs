namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents the cache slot of one user. A slot accepts a balance only if the balance is later than the current balance of the slot. An
/// invalidation replaces the slot object with a new slot object. Loads and commands write only to the slot that was current when they
/// began, so a load that ends late cannot restore an old balance.
/// </summary>
/// <remarks>
/// The slot is its own lock, because a lock object would need 48 bytes more for each cached user. No other class locks a slot.
/// </remarks>
internal sealed class CreditSlot
{
    // The value long.MinValue represents a missing time. The field is not nullable, because one slot is kept per cached user, and a
    // nullable field would be twice as large.
    private const long Never = long.MinValue;

    private CreditEntry? _entry;
    private AccountCreation? _creation;
    private long _lastLoadStarted = Never;
    private int _activePeriod;

    public CreditEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>
    /// Gets or sets the result of the last command that created the account. The value is cleared when a later load finds no account.
    /// </summary>
    public CreditCommandResult? Initialization
    {
        get => Volatile.Read(ref _creation)?.Result;
        set
        {
            lock (this)
            {
                Volatile.Write(ref _creation, (_creation ?? new()) with { Result = value });
            }
        }
    }

    /// <summary>
    /// Gets or sets the number of the last period in which the user was active. The value is 0 if the user was never active.
    /// </summary>
    public int ActivePeriod
    {
        get => Volatile.Read(ref _activePeriod);
        set
        {
            // The field is written once per period, so that concurrent reads of one user do not contend for its cache line.
            if (Volatile.Read(ref _activePeriod) != value)
            {
                Volatile.Write(ref _activePeriod, value);
            }
        }
    }

    /// <summary>
    /// Creates the slot that replaces this slot after an invalidation. The new slot contains the same balance, marked as expired.
    /// </summary>
    public CreditSlot CreateExpired() => new()
    {
        _entry = Entry is { } entry ? new ExpiredCreditEntry(entry.Balance, entry.LoadStarted) : null,
        _activePeriod = ActivePeriod,
    };

    /// <summary>
    /// Creates the empty slot that replaces this slot after a sign-out. The new slot keeps the time of the last load. Without this time, a
    /// client could cause a store read with every sign-out.
    /// </summary>
    public CreditSlot CreateEmpty()
    {
        lock (this)
        {
            return new() { _lastLoadStarted = _lastLoadStarted };
        }
    }

    /// <summary>Accepts a balance if it is later than the current balance.</summary>
    /// <returns><see langword="true"/> if the balance was accepted.</returns>
    public bool Offer(CreditEntry candidate)
    {
        lock (this)
        {
            if (_entry is { } entry && !candidate.IsLaterThan(entry))
            {
                return false;
            }

            Volatile.Write(ref _entry, candidate);
            if (_creation is { NotFoundAtLoad: not null } creation)
            {
                Volatile.Write<AccountCreation?>(
                    ref _creation, creation.Result is null ? null : creation with { NotFoundAtLoad = null });
            }

            return true;
        }
    }

    /// <summary>
    /// Returns a value that indicates whether a load that started within <paramref name="interval"/> found no account. The result of a load
    /// without an account can be reused.
    /// </summary>
    public bool WasNotFound(TimeProvider time, TimeSpan interval)
    {
        lock (this)
        {
            return _creation?.NotFoundAtLoad is { } started && time.GetElapsedTime(started) < interval;
        }
    }

    /// <summary>Returns the delay after which the next load may start.</summary>
    public TimeSpan GetLoadDelay(TimeProvider time, TimeSpan interval)
    {
        lock (this)
        {
            var delay = _lastLoadStarted != Never ? interval - time.GetElapsedTime(_lastLoadStarted) : TimeSpan.Zero;
            return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        }
    }

    public void RecordLoadStart(long timestamp)
    {
        lock (this)
        {
            _lastLoadStarted = timestamp;
        }
    }

    /// <summary>Records that a load found no account, and removes the cached balance.</summary>
    public void RecordNotFound(long loadStarted)
    {
        lock (this)
        {
            if (_entry is null || _entry.LoadStarted < loadStarted)
            {
                Volatile.Write(ref _entry, null);
                Volatile.Write(ref _creation, new(NotFoundAtLoad: loadStarted));
            }
        }
    }
}
