using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// An in-memory model of one account that follows the rules of the store contract. The model uses lists of reservations and charges instead
/// of tables.
/// </summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<string, ModelUse> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelCharge> _charges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelHold> _reservations = new(StringComparer.Ordinal);
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

    private long Held => _reservations.Values.Where(reservation => reservation.State == State.Held).Sum(reservation => reservation.Amount);

    private long Available => _credits - Held;

    public ModelResult Initialize(DateTimeOffset now)
    {
        Sweep(now);
        if (_exists)
        {
            return CreateResult(CreditCommandStatus.Done, now, replayed: true);
        }

        (_exists, _credits, _version) = (true, 100, 1);
        return CreateResult(CreditCommandStatus.Done, now);
    }

    public ModelResult Consume(string key, long amount, DateTimeOffset now)
    {
        if (Meet(key, new ModelUse("consume", -amount), now) is { } met)
        {
            return met;
        }

        if (amount > Available)
        {
            return CreateResult(CreditCommandStatus.Insufficient, now);
        }

        _charges.Add(key, new ModelCharge { Rest = amount });
        return Change(key, new ModelUse("consume", -amount), now);
    }

    public ModelResult Grant(string key, long amount, DateTimeOffset now)
    {
        if (!_exists)
        {
            Initialize(now);
        }

        var use = new ModelUse("grant", amount);
        return Meet(key, use, now) ?? Change(key, use, now);
    }

    public ModelResult Adjust(string key, long amount, DateTimeOffset now)
    {
        var use = new ModelUse("adjust", amount);
        if (Meet(key, use, now) is { } met)
        {
            return met;
        }

        return -amount > Available ? CreateResult(CreditCommandStatus.Insufficient, now) : Change(key, use, now);
    }

    public ModelResult Refund(string key, string charge, long? amount, DateTimeOffset now)
    {
        var use = new ModelUse("refund", amount, charge);
        if (Meet(key, use, now) is { } met)
        {
            return met;
        }

        if (!_charges.TryGetValue(charge, out var refunded))
        {
            return CreateResult(CreditCommandStatus.EntryNotFound, now);
        }

        if (refunded.Rest == 0 || refunded.Rest < amount)
        {
            return CreateResult(CreditCommandStatus.ExceedsEntry, now);
        }

        var returned = amount ?? refunded.Rest;
        refunded.Rest -= returned;
        return Change(key, use, now, returned);
    }

    public ModelResult Reserve(string key, long amount, Guid? leaseOwner, TimeSpan lifetime, DateTimeOffset now)
    {
        Sweep(now);
        if (!_exists)
        {
            return new ModelResult(CreditCommandStatus.NotInitialized);
        }

        if (_used.ContainsKey(key))
        {
            return CreateResult(CreditCommandStatus.KeyConflict, now);
        }

        if (!_reservations.TryGetValue(key, out var reservation))
        {
            reservation = new ModelHold { Amount = amount, State = State.Released };
        }
        else if (reservation.Amount != amount)
        {
            return CreateResult(CreditCommandStatus.KeyConflict, now);
        }

        if (reservation.State == State.Captured)
        {
            return CreateResult(CreditCommandStatus.AlreadyCaptured, now, replayed: true, reservation.Attempt);
        }

        if (reservation.State == State.Held)
        {
            return reservation.LeaseOwner == leaseOwner
                ? CreateResult(CreditCommandStatus.Done, now, replayed: true, reservation.Attempt)
                : CreateResult(CreditCommandStatus.InProgress, now) with { RetryAfter = reservation.Expires - now };
        }

        if (amount > Available)
        {
            return CreateResult(CreditCommandStatus.Insufficient, now);
        }

        _reservations[key] = reservation;
        reservation.Attempt++;
        reservation.LeaseOwner = leaseOwner;
        reservation.Start(now + lifetime);
        _version++;
        return CreateResult(CreditCommandStatus.Done, now, attempt: reservation.Attempt);
    }

    public ModelResult Renew(string key, int attempt, TimeSpan lifetime, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var reservation) is { } refusal)
        {
            return refusal;
        }

        if (reservation.State is State.Captured or State.Released)
        {
            return CreateResult(CreditCommandStatus.AlreadyClosed, now, attempt: attempt);
        }

        if (reservation.State == State.Lapsed)
        {
            if (reservation.Amount > Available)
            {
                return CreateResult(CreditCommandStatus.Expired, now, attempt: attempt);
            }

            _version++;
        }

        reservation.Renew(now + lifetime);
        return CreateResult(CreditCommandStatus.Done, now, attempt: attempt);
    }

    public ModelResult Capture(string key, int attempt, DateTimeOffset now) => Spend(key, attempt, settled: null, now);

    public ModelResult Settle(string key, int attempt, long amount, DateTimeOffset now) => Spend(key, attempt, amount, now);

    public ModelResult Release(string key, int attempt, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var reservation) is { } refusal)
        {
            return refusal;
        }

        if (reservation.State == State.Captured)
        {
            return CreateResult(CreditCommandStatus.AlreadyClosed, now, attempt: attempt);
        }

        var ended = reservation.State != State.Held;
        reservation.State = State.Released;
        _version += ended ? 0 : 1;
        return CreateResult(CreditCommandStatus.Done, now, replayed: ended, attempt);
    }

    public void Reopen(DateTimeOffset now)
    {
        foreach (var reservation in _reservations.Values.Where(reservation => reservation.State == State.Held
            && reservation.LeaseOwner is not null))
        {
            reservation.State = reservation.Expires <= now ? State.Lapsed : State.Released;
            _version++;
        }
    }

    public ModelResult? Read(DateTimeOffset now)
    {
        Sweep(now);
        return _exists ? CreateResult(CreditCommandStatus.Done, now) : null;
    }

    private ModelResult Spend(string key, int attempt, long? settled, DateTimeOffset now)
    {
        if (Refuse(key, attempt, now, out var reservation) is { } refusal)
        {
            return refusal;
        }

        var amount = settled ?? reservation.Amount;
        CreditCommandStatus? rejection = reservation.State switch
        {
            State.Captured => settled is null || settled == reservation.Charged ? null : CreditCommandStatus.KeyConflict,
            State.Released => CreditCommandStatus.AlreadyClosed,
            _ when amount > reservation.Amount => CreditCommandStatus.ExceedsReservation,
            State.Lapsed when amount > Available => CreditCommandStatus.Expired,
            _ => null,
        };
        if (rejection is { } status)
        {
            return CreateResult(status, now, attempt: attempt);
        }

        var isRepeat = reservation.State == State.Captured;
        if (!isRepeat)
        {
            Charge(key, reservation, amount);
        }

        return CreateResult(CreditCommandStatus.Done, now, isRepeat, attempt);
    }

    private void Charge(string key, ModelHold reservation, long amount)
    {
        if (amount > 0)
        {
            _charges.Add(key, new ModelCharge { Rest = amount });
        }

        _credits -= amount;
        _version += amount > 0 || reservation.State == State.Held ? 1 : 0;
        reservation.Charged = amount;
        reservation.State = State.Captured;
    }

    private ModelResult? Meet(string key, ModelUse use, DateTimeOffset now)
    {
        Sweep(now);
        if (!_exists)
        {
            return new ModelResult(CreditCommandStatus.NotInitialized);
        }

        if (_used.TryGetValue(key, out var before) && before == use)
        {
            return CreateResult(CreditCommandStatus.Done, now, replayed: true);
        }

        return before is not null || _reservations.ContainsKey(key) ? CreateResult(CreditCommandStatus.KeyConflict, now) : null;
    }

    private ModelResult Change(string key, ModelUse use, DateTimeOffset now, long? amount = null)
    {
        _used.Add(key, use);
        _credits += amount ?? use.Amount!.Value;
        _version++;
        return CreateResult(CreditCommandStatus.Done, now);
    }

    private ModelResult? Refuse(string key, int attempt, DateTimeOffset now, out ModelHold reservation)
    {
        Sweep(now);
        if (!_reservations.TryGetValue(key, out reservation!))
        {
            return _exists ? CreateResult(CreditCommandStatus.AlreadyClosed, now) : new ModelResult(CreditCommandStatus.AlreadyClosed);
        }

        return attempt == reservation.Attempt
            ? null
            : CreateResult(attempt < reservation.Attempt ? CreditCommandStatus.Superseded : CreditCommandStatus.AlreadyClosed, now);
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var reservation in _reservations.Values.Where(reservation => reservation.State == State.Held
            && reservation.Expires <= now))
        {
            reservation.State = State.Lapsed;
            _version++;
        }
    }

    private ModelResult CreateResult(CreditCommandStatus status, DateTimeOffset now, bool replayed = false, int attempt = 0)
    {
        var open = _reservations.Values.Where(reservation => reservation.State == State.Held).ToList();
        return new ModelResult(status, replayed, attempt, Available, Held, _version, open.Count == 0
            ? null
            : open.Min(reservation => reservation.Expires) - now);
    }

    /// <summary>Contains the properties of a command result that the tests compare.</summary>
    internal sealed record ModelResult(
        CreditCommandStatus Status,
        bool Replayed = false,
        int Attempt = 0,
        long? Available = null,
        long? Held = null,
        long? Version = null,
        TimeSpan? HoldExpiresIn = null)
    {
        public TimeSpan? RetryAfter { get; init; }

        public static ModelResult Of(CreditCommandResult outcome) =>
            Of(outcome.Status, outcome.Balance, outcome.Replayed, outcome.Attempt) with { RetryAfter = outcome.RetryAfter };

        public static ModelResult Of(CreditBalance balance) => Of(CreditCommandStatus.Done, balance, replayed: false, attempt: 0);

        private static ModelResult Of(CreditCommandStatus status, CreditBalance? balance, bool replayed, int attempt) =>
            new(status, replayed, attempt, balance?.Available, balance?.Held, balance?.Version, balance?.HoldExpiresIn);
    }

    private sealed record ModelUse(string Kind, long? Amount, string? Charge = null);

    private sealed class ModelCharge
    {
        public required long Rest { get; set; }
    }

    private sealed class ModelHold
    {
        public required long Amount { get; init; }

        public required State State { get; set; }

        public int Attempt { get; set; }

        public Guid? LeaseOwner { get; set; }

        public long Charged { get; set; }

        public DateTimeOffset Expires { get; private set; }

        public void Start(DateTimeOffset expires)
        {
            State = State.Held;
            Expires = expires;
        }

        public void Renew(DateTimeOffset expires) => Start(expires > Expires ? expires : Expires);
    }
}
