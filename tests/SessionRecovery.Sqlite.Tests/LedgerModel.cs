using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>A model of one account by the rules of the contract, with a list of reservations and charges instead of tables.</summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<string, long> _consumed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelHold> _holds = new(StringComparer.Ordinal);
    private bool _exists;
    private long _credits;
    private long _version;

    private enum State
    {
        Held,
        Captured,
        Released,
        Lapsed,
    }

    private long Held => _holds.Values.Where(hold => hold.State == State.Held).Sum(hold => hold.Amount);

    private long Available => _credits - Held;

    public Answer Initialize(DateTimeOffset now)
    {
        Sweep(now);
        if (_exists)
        {
            return Say(CreditCommandStatus.Done, now, replayed: true);
        }

        (_exists, _credits, _version) = (true, 100, 1);
        return Say(CreditCommandStatus.Done, now);
    }

    public Answer Consume(string key, long amount, DateTimeOffset now)
    {
        Sweep(now);
        if (!_exists)
        {
            return new Answer(CreditCommandStatus.NotInitialized);
        }

        if (_consumed.TryGetValue(key, out var before))
        {
            return before == amount ? Say(CreditCommandStatus.Done, now, replayed: true) : Say(CreditCommandStatus.KeyConflict, now);
        }

        if (_holds.ContainsKey(key))
        {
            return Say(CreditCommandStatus.KeyConflict, now);
        }

        if (amount > Available)
        {
            return Say(CreditCommandStatus.Insufficient, now);
        }

        _consumed.Add(key, amount);
        _credits -= amount;
        _version++;
        return Say(CreditCommandStatus.Done, now);
    }

    public Answer Reserve(string key, long amount, Guid? leaseOwner, TimeSpan lifetime, DateTimeOffset now)
    {
        Sweep(now);
        if (!_exists)
        {
            return new Answer(CreditCommandStatus.NotInitialized);
        }

        if (_consumed.ContainsKey(key))
        {
            return Say(CreditCommandStatus.KeyConflict, now);
        }

        if (!_holds.TryGetValue(key, out var hold))
        {
            hold = new ModelHold { Amount = amount, State = State.Released };
        }
        else if (hold.Amount != amount)
        {
            return Say(CreditCommandStatus.KeyConflict, now);
        }

        if (hold.State == State.Captured)
        {
            return Say(CreditCommandStatus.AlreadyCaptured, now, replayed: true, hold.Attempt);
        }

        if (hold.State == State.Held)
        {
            return hold.LeaseOwner == leaseOwner
                ? Say(CreditCommandStatus.Done, now, replayed: true, hold.Attempt)
                : Say(CreditCommandStatus.InProgress, now) with { RetryAfter = hold.Expires - now };
        }

        if (amount > Available)
        {
            return Say(CreditCommandStatus.Insufficient, now);
        }

        _holds[key] = hold;
        hold.Attempt++;
        hold.LeaseOwner = leaseOwner;
        hold.Start(now + lifetime);
        _version++;
        return Say(CreditCommandStatus.Done, now, attempt: hold.Attempt);
    }

    public Answer Extend(string key, int attempt, TimeSpan lifetime, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var hold) is { } refusal)
        {
            return refusal;
        }

        if (hold.State is State.Captured or State.Released)
        {
            return Say(CreditCommandStatus.AlreadyClosed, now, attempt: attempt);
        }

        if (hold.State == State.Lapsed)
        {
            if (hold.Amount > Available)
            {
                return Say(CreditCommandStatus.Expired, now, attempt: attempt);
            }

            _version++;
        }

        hold.Start(now + lifetime);
        return Say(CreditCommandStatus.Done, now, attempt: attempt);
    }

    public Answer Capture(string key, int attempt, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var hold) is { } refusal)
        {
            return refusal;
        }

        switch (hold.State)
        {
            case State.Captured:
                return Say(CreditCommandStatus.Done, now, replayed: true, attempt);
            case State.Released:
                return Say(CreditCommandStatus.AlreadyClosed, now, attempt: attempt);
            case State.Lapsed when hold.Amount > Available:
                return Say(CreditCommandStatus.Expired, now, attempt: attempt);
        }

        hold.State = State.Captured;
        _credits -= hold.Amount;
        _version++;
        return Say(CreditCommandStatus.Done, now, attempt: attempt);
    }

    public Answer Release(string key, int attempt, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var hold) is { } refusal)
        {
            return refusal;
        }

        if (hold.State == State.Captured)
        {
            return Say(CreditCommandStatus.AlreadyClosed, now, attempt: attempt);
        }

        var ended = hold.State != State.Held;
        hold.State = State.Released;
        _version += ended ? 0 : 1;
        return Say(CreditCommandStatus.Done, now, replayed: ended, attempt);
    }

    public void Reopen(DateTimeOffset now)
    {
        foreach (var hold in _holds.Values.Where(hold => hold.State == State.Held && hold.LeaseOwner is not null))
        {
            hold.State = hold.Expires <= now ? State.Lapsed : State.Released;
            _version++;
        }
    }

    public Answer? Read(DateTimeOffset now)
    {
        Sweep(now);
        return _exists ? Say(CreditCommandStatus.Done, now) : null;
    }

    private Answer? Refuse(string key, int attempt, DateTimeOffset now, out ModelHold hold)
    {
        Sweep(now);
        if (!_holds.TryGetValue(key, out hold!))
        {
            return _exists ? Say(CreditCommandStatus.AlreadyClosed, now) : new Answer(CreditCommandStatus.AlreadyClosed);
        }

        return attempt == hold.Attempt
            ? null
            : Say(attempt < hold.Attempt ? CreditCommandStatus.Superseded : CreditCommandStatus.AlreadyClosed, now);
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var hold in _holds.Values.Where(hold => hold.State == State.Held && hold.Expires <= now))
        {
            hold.State = State.Lapsed;
            _version++;
        }
    }

    private Answer Say(CreditCommandStatus status, DateTimeOffset now, bool replayed = false, int attempt = 0)
    {
        var open = _holds.Values.Where(hold => hold.State == State.Held).ToList();
        return new Answer(status, replayed, attempt, Available, Held, _version, open.Count == 0
            ? null
            : open.Min(hold => hold.Expires) - now);
    }

    /// <summary>The properties of a result that are compared.</summary>
    internal sealed record Answer(
        CreditCommandStatus Status,
        bool Replayed = false,
        int Attempt = 0,
        long? Available = null,
        long? Held = null,
        long? Version = null,
        TimeSpan? HoldExpiresIn = null)
    {
        public TimeSpan? RetryAfter { get; init; }

        public static Answer Of(CreditCommandResult outcome) =>
            Of(outcome.Status, outcome.Balance, outcome.Replayed, outcome.Attempt) with { RetryAfter = outcome.RetryAfter };

        public static Answer Of(CreditBalance balance) => Of(CreditCommandStatus.Done, balance, replayed: false, attempt: 0);

        private static Answer Of(CreditCommandStatus status, CreditBalance? balance, bool replayed, int attempt) =>
            new(status, replayed, attempt, balance?.Available, balance?.Held, balance?.Version, balance?.HoldExpiresIn);
    }

    private sealed class ModelHold
    {
        public required long Amount { get; init; }

        public required State State { get; set; }

        public int Attempt { get; set; }

        public Guid? LeaseOwner { get; set; }

        public DateTimeOffset Expires { get; private set; }

        public void Start(DateTimeOffset expires)
        {
            State = State.Held;
            Expires = expires;
        }
    }
}
