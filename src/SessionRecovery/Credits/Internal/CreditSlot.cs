using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// One user's place in the cache. It takes a value only if that is later than its own, and it runs one load at a time. Dropping a user
/// puts a successor in its place: loads and commands write only to the slot on which they began, so they can't refill it from the past.
/// </summary>
internal sealed class CreditSlot
{
    // One of these is kept for every user, so a time that is none takes no more room than one.
    private const long Never = long.MinValue;

    private readonly Lock _gate = new();
    private CreditEntry? _entry;
    private CreditLoad? _running;
    private CreditLoad? _waiting;
    private Task<CreditCommandResult>? _initializing;
    private long _lastLoadStarted = Never;
    private long _missingAtLoad = Never;

    public CreditEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>The slot for after a drop: expired, with the same last value.</summary>
    public CreditSlot Expired() => new() { _entry = Entry is { } entry ? entry with { FreshUntil = long.MinValue } : null };

    /// <summary>The slot for after a sign-out: nothing is known, but loads still keep their distance, since a client can ask for this at will.</summary>
    public CreditSlot Forgotten()
    {
        lock (_gate)
        {
            return new() { _lastLoadStarted = _lastLoadStarted };
        }
    }

    /// <summary>Takes a balance if it is later than the one at hand.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool Offer(CreditEntry candidate)
    {
        lock (_gate)
        {
            if (_entry is { } entry && !candidate.IsLaterThan(entry))
            {
                return false;
            }

            Volatile.Write(ref _entry, candidate);
            _missingAtLoad = Never;
            return true;
        }
    }

    /// <summary>Joins a load that began after <paramref name="notBefore"/> (any load if 0), or plans the next one.</summary>
    /// <param name="token">The caller's token.</param>
    /// <param name="notBefore">The caller's arrival, when only a load that begins later will do.</param>
    /// <param name="ownTokenOnly">Whether a load with another token won't do.</param>
    /// <param name="previous">The load to wait for before the planned one may begin.</param>
    /// <param name="planned">Whether the caller must start the load it got.</param>
    public CreditLoad Join(AccessToken? token, long notBefore, bool ownTokenOnly, out CreditLoad? previous, out bool planned)
    {
        lock (_gate)
        {
            planned = false;
            previous = null;
            if (_running is { } running && running.Began > notBefore && Suits(running))
            {
                return running;
            }

            if (_waiting is { } waiting && (Suits(waiting) || !ownTokenOnly))
            {
                return waiting;
            }

            previous = _waiting ?? _running;
            planned = true;
            return _waiting = new CreditLoad(token);
        }

        bool Suits(CreditLoad load) => !ownTokenOnly || Equals(load.Token, token);
    }

    /// <summary>Whether a load that began within this time was told that there is no account: the next one would only wait and be told the same.</summary>
    public bool WasMissing(TimeProvider time, TimeSpan within)
    {
        lock (_gate)
        {
            return _missingAtLoad != Never && time.GetElapsedTime(_missingAtLoad) < within;
        }
    }

    /// <summary>How long a load has to wait so that two starts of one user keep their distance.</summary>
    public TimeSpan PauseBeforeLoad(TimeProvider time, TimeSpan interval)
    {
        lock (_gate)
        {
            var pause = _lastLoadStarted != Never ? interval - time.GetElapsedTime(_lastLoadStarted) : TimeSpan.Zero;
            return pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
        }
    }

    public void Begin(CreditLoad load, long arrival, long timestamp)
    {
        lock (_gate)
        {
            load.Began = arrival;
            _running = load;
            _lastLoadStarted = timestamp;
            if (ReferenceEquals(_waiting, load))
            {
                _waiting = null;
            }
        }
    }

    /// <summary>Only the owner takes its load away; a later load stays.</summary>
    public void End(CreditLoad load)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_running, load))
            {
                _running = null;
            }

            if (ReferenceEquals(_waiting, load))
            {
                _waiting = null;
            }
        }
    }

    /// <summary>The store told a load of this start that there is no account: nothing that was known before it stands any more.</summary>
    public void ForgetAccount(long loadStarted)
    {
        lock (_gate)
        {
            if (_entry is null || _entry.LoadStarted < loadStarted)
            {
                Volatile.Write(ref _entry, null);
                _initializing = null;
                _missingAtLoad = loadStarted;
            }
        }
    }

    /// <summary>Shares one initialization among all who were told by the same load that there is no account.</summary>
    public Task<CreditCommandResult> InitializeOnce(Func<Task<CreditCommandResult>> initialise, bool mayRepeat)
    {
        lock (_gate)
        {
            if (_initializing is null or { IsFaulted: true } || mayRepeat && _initializing is { IsCompletedSuccessfully: true, Result.Succeeded: false })
            {
                _initializing = Task.Run(initialise);
            }

            return _initializing;
        }
    }
}
