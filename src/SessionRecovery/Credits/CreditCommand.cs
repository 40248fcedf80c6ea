using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// What a store may be told to do: a closed set, each member safe to repeat. Amounts are whole credits from 1 to
/// <see cref="MaxAmount"/>; arguments are checked here, before anything is sent.
/// </summary>
public abstract record CreditCommand
{
    /// <summary>The largest amount of one command: balances stay below 2⁵³, which JavaScript can hold exactly.</summary>
    public const long MaxAmount = (1L << 53) - 1;

    /// <summary>The longest life of a hold.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    private protected CreditCommand(UserId user)
    {
        _ = user.Value;
        User = user;
    }

    /// <summary>Whose credits.</summary>
    public UserId User { get; }

    private static void CheckAmount(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
    }

    private static void CheckLifetime(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);
    }

    /// <summary>Opens the user's account with the store's own initial amount, once; never an amount from a caller.</summary>
    public sealed record Initialize : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        public Initialize(UserId user)
            : base(user)
        {
        }
    }

    /// <summary>Spends at once.</summary>
    public sealed record Consume : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <exception cref="ArgumentOutOfRangeException">An amount outside 1 to 2⁵³ - 1, or a reason over 200 characters.</exception>
        public Consume(UserId user, long amount, IdempotencyKey key, string? reason = null)
            : base(user)
        {
            CheckAmount(amount);
            _ = key.Value;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(reason?.Length ?? 0, 200, nameof(reason));
            Amount = amount;
            Key = key;
            Reason = reason;
        }

        /// <summary>Whole credits.</summary>
        public long Amount { get; }

        /// <summary>Names this effect.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>For the book; at most 200 characters.</summary>
        public string? Reason { get; }
    }

    /// <summary>Holds credits for work in progress. The hold ends by itself, so a crash loses nobody's credits.</summary>
    public sealed record Reserve : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">Whose credits.</param>
        /// <param name="amount">Whole credits.</param>
        /// <param name="key">Names the work.</param>
        /// <param name="lifetime">1 s to 24 h, on the store's clock.</param>
        /// <param name="fingerprint">What the request was, at most 128 characters; another one under the same key is a conflict.</param>
        /// <param name="leaseOwner">Who does the work, a fresh UUID per request: repeating a lost answer gets one's own hold back.
        /// <see langword="null"/> for a hold of host code, which outlives a restart.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value outside these limits.</exception>
        public Reserve(UserId user, long amount, IdempotencyKey key, TimeSpan lifetime, string? fingerprint = null, Guid? leaseOwner = null)
            : base(user)
        {
            CheckAmount(amount);
            CheckLifetime(lifetime);
            _ = key.Value;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(fingerprint?.Length ?? 0, 128, nameof(fingerprint));
            Amount = amount;
            Key = key;
            Lifetime = lifetime;
            Fingerprint = fingerprint;
            LeaseOwner = leaseOwner;
        }

        /// <summary>Whole credits.</summary>
        public long Amount { get; }

        /// <summary>Names the work.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>How long the hold lasts.</summary>
        public TimeSpan Lifetime { get; }

        /// <summary>What the request was.</summary>
        public string? Fingerprint { get; }

        /// <summary>Who does the work.</summary>
        public Guid? LeaseOwner { get; }
    }

    /// <summary>Renews a hold; changes neither balance nor version unless the hold had lapsed.</summary>
    public sealed record Renew : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <exception cref="ArgumentOutOfRangeException">An attempt below 1, or a life outside 1 s to 24 h.</exception>
        public Renew(UserId user, Guid reservation, int attempt, TimeSpan lifetime)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            CheckLifetime(lifetime);
            Reservation = reservation;
            Attempt = attempt;
            Lifetime = lifetime;
        }

        /// <summary>Which hold.</summary>
        public Guid Reservation { get; }

        /// <summary>Whose turn: an older attempt is refused.</summary>
        public int Attempt { get; }

        /// <summary>How long it lasts from now.</summary>
        public TimeSpan Lifetime { get; }
    }

    /// <summary>Ends a hold by paying it, together with the answer that was paid for.</summary>
    public sealed record Capture : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <exception cref="ArgumentOutOfRangeException">An attempt below 1.</exception>
        public Capture(UserId user, Guid reservation, int attempt, StoredResponse? response = null)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            Reservation = reservation;
            Attempt = attempt;
            Response = response;
        }

        /// <summary>Which hold.</summary>
        public Guid Reservation { get; }

        /// <summary>Whose turn: of two runners one is paid.</summary>
        public int Attempt { get; }

        /// <summary>The answer to give to a repeat.</summary>
        public StoredResponse? Response { get; }
    }

    /// <summary>Ends a hold by giving the credits back.</summary>
    public sealed record Release : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <exception cref="ArgumentOutOfRangeException">An attempt below 1.</exception>
        public Release(UserId user, Guid reservation, int attempt)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            Reservation = reservation;
            Attempt = attempt;
        }

        /// <summary>Which hold.</summary>
        public Guid Reservation { get; }

        /// <summary>Whose turn: an older attempt changes nothing.</summary>
        public int Attempt { get; }
    }
}
