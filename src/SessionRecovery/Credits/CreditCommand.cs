using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>A command to a credit store. The set of commands is closed and every command is safe to repeat.</summary>
/// <remarks>
/// Amounts are whole credits from 1 to <see cref="MaxAmount"/>; a reservation may also have the amount 0. The constructors check all
/// arguments before anything is sent.
/// </remarks>
public abstract record CreditCommand
{
    /// <summary>
    /// The maximum amount of one command, 2⁵³ - 1. Balances stay below it, so that JavaScript can represent them exactly.
    /// </summary>
    public const long MaxAmount = (1L << 53) - 1;

    /// <summary>The maximum lifetime of a reservation, 24 hours.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    private protected CreditCommand(UserId user)
    {
        _ = user.Value;
        User = user;
    }

    /// <summary>Gets the user whose account the command changes.</summary>
    public UserId User { get; }

    private static void CheckAmount(long amount, long min = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
    }

    private static void CheckLifetime(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);
    }

    /// <summary>Creates the user's account with the store's initial amount, exactly once. The amount never comes from a caller.</summary>
    public sealed record Initialize : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        public Initialize(UserId user)
            : base(user)
        {
        }
    }

    /// <summary>Spends credits at once.</summary>
    public sealed record Consume : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">The amount in whole credits, 1 to <see cref="MaxAmount"/>.</param>
        /// <param name="key">The key of this effect.</param>
        /// <param name="reason">A text for the ledger, at most 200 characters.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside these limits.</exception>
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

        /// <summary>Gets the amount in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the key of this effect.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the text for the ledger.</summary>
        public string? Reason { get; }
    }

    /// <summary>
    /// Reserves credits for work in progress. A reservation expires by itself, so a crash cannot lose credits. A reservation of the amount
    /// 0 only protects its key, for work that must take effect once: it needs neither credits nor an account, and adds no ledger entry.
    /// </summary>
    public sealed record Reserve : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">The amount in whole credits, 0 to <see cref="MaxAmount"/>.</param>
        /// <param name="key">The key of the work.</param>
        /// <param name="lifetime">The lifetime on the store's clock, 1 second to 24 hours.</param>
        /// <param name="fingerprint">
        /// Identifies the request, at most 128 characters; another fingerprint under the same key is a conflict.
        /// </param>
        /// <param name="leaseOwner">
        /// A new UUID per request that does the work. A repeat with the same owner after a lost response receives the same reservation.
        /// <see langword="null"/> for host code whose reservation survives a restart.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside these limits.</exception>
        public Reserve(UserId user, long amount, IdempotencyKey key, TimeSpan lifetime, string? fingerprint = null, Guid? leaseOwner = null)
            : base(user)
        {
            CheckAmount(amount, min: 0);
            CheckLifetime(lifetime);
            _ = key.Value;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(fingerprint?.Length ?? 0, 128, nameof(fingerprint));
            Amount = amount;
            Key = key;
            Lifetime = lifetime;
            Fingerprint = fingerprint;
            LeaseOwner = leaseOwner;
        }

        /// <summary>Gets the amount in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the key of the work.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the lifetime of the reservation.</summary>
        public TimeSpan Lifetime { get; }

        /// <summary>Gets the text that identifies the request.</summary>
        public string? Fingerprint { get; }

        /// <summary>Gets the request that does the work; <see langword="null"/> for host code.</summary>
        public Guid? LeaseOwner { get; }
    }

    /// <summary>Extends the lifetime of a reservation. It changes neither balance nor version unless the reservation had expired.</summary>
    public sealed record Renew : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The reservation.</param>
        /// <param name="attempt">The fencing token: a store rejects an attempt older than the current one. 1 or more.</param>
        /// <param name="lifetime">The lifetime from now, 1 second to 24 hours.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside these limits.</exception>
        public Renew(UserId user, Guid reservationId, int attempt, TimeSpan lifetime)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            CheckLifetime(lifetime);
            ReservationId = reservationId;
            Attempt = attempt;
            Lifetime = lifetime;
        }

        /// <summary>Gets the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the lifetime from now.</summary>
        public TimeSpan Lifetime { get; }
    }

    /// <summary>Ends a reservation by spending its credits, and stores the response that was paid for.</summary>
    public sealed record Capture : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The reservation.</param>
        /// <param name="attempt">The fencing token: only the current attempt is captured. 1 or more.</param>
        /// <param name="response">The response for a repeat of the request.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Capture(UserId user, Guid reservationId, int attempt, StoredResponse? response = null)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            ReservationId = reservationId;
            Attempt = attempt;
            Response = response;
        }

        /// <summary>Gets the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the response for a repeat of the request.</summary>
        public StoredResponse? Response { get; }
    }

    /// <summary>Ends a reservation by returning its credits.</summary>
    public sealed record Release : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The reservation.</param>
        /// <param name="attempt">The fencing token: an older attempt changes nothing. 1 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Release(UserId user, Guid reservationId, int attempt)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            ReservationId = reservationId;
            Attempt = attempt;
        }

        /// <summary>Gets the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the fencing token.</summary>
        public int Attempt { get; }
    }
}
