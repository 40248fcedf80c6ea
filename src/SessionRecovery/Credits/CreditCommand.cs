using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents a command to a credit store. Every command can be repeated safely. Only this package defines command types.
/// </summary>
/// <remarks>
/// Amounts are whole credits from 1 to <see cref="MaxAmount"/>. A reservation may also have the amount 0. The constructors validate all
/// arguments before a command is sent.
/// </remarks>
public abstract record CreditCommand
{
    /// <summary>The maximum amount of one command, 2⁵³ - 1. JavaScript can represent every amount up to this value exactly.</summary>
    public const long MaxAmount = (1L << 53) - 1;

    /// <summary>The maximum length of the text that explains a ledger entry, 200 characters.</summary>
    public const int MaxReasonLength = 200;

    /// <summary>The maximum length of the name of the operator who adjusts an account, 100 characters.</summary>
    public const int MaxActorLength = 100;

    /// <summary>The maximum lifetime of a reservation, 24 hours.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    private protected CreditCommand(UserId user)
    {
        _ = user.Value;
        User = user;
    }

    /// <summary>Gets the user whose account the command changes.</summary>
    public UserId User { get; }

    /// <summary>
    /// Gets the time at which the sender gives up, on the clock of the process that sends the command (<see cref="TimeProvider"/>). A store
    /// whose time is later under the lock must not apply the command and returns <see cref="CreditCommandStatus.Busy"/>, so that a command
    /// that was delayed on the network has no effect after its repeat was rejected. SessionRecovery sets a deadline for each attempt. The
    /// default is <see langword="null"/>: the command has no deadline.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    private static void CheckAmount(long amount, long min = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
    }

    // The text is shown to users and operators, so it must not contain control characters, such as the escape sequences of a terminal.
    private static void CheckText(string text, int maxLength, string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, maxLength, name);
        if (text.Any(char.IsControl))
        {
            throw new ArgumentException("The text must not contain control characters.", name);
        }
    }

    private static void CheckReason(string? reason)
    {
        if (reason is not null)
        {
            CheckText(reason, MaxReasonLength, nameof(reason));
        }
    }

    private static void CheckLifetime(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);
    }

    /// <summary>Creates the user's account with the initial credits that the store defines. The account is created only once.</summary>
    public sealed record Initialize : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        public Initialize(UserId user)
            : base(user)
        {
        }
    }

    /// <summary>Spends credits immediately.</summary>
    public sealed record Consume : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">The amount in whole credits, 1 to <see cref="MaxAmount"/>.</param>
        /// <param name="key">The idempotency key of the charge.</param>
        /// <param name="reason">
        /// A text for the ledger entry, at most <see cref="MaxReasonLength"/> characters without control characters. The user can read it.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters.</exception>
        public Consume(UserId user, long amount, IdempotencyKey key, string? reason = null)
            : base(user)
        {
            CheckAmount(amount);
            _ = key.Value;
            CheckReason(reason);
            Amount = amount;
            Key = key;
            Reason = reason;
        }

        /// <summary>Gets the amount in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the idempotency key of the charge.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the text for the ledger entry.</summary>
        public string? Reason { get; }
    }

    /// <summary>
    /// Reserves credits for work in progress. A reservation expires by itself, so that a crash does not block the credits forever. A
    /// reservation of the amount 0 only protects its key, for work that must take effect once. A reservation of the amount 0 needs neither
    /// credits nor an account, and adds no ledger entry.
    /// </summary>
    public sealed record Reserve : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">The amount in whole credits, 0 to <see cref="MaxAmount"/>.</param>
        /// <param name="key">The idempotency key of the work.</param>
        /// <param name="lifetime">The lifetime of the reservation on the store's clock, 1 second to 24 hours.</param>
        /// <param name="fingerprint">
        /// A text that identifies the request, at most 128 characters. If another fingerprint is used with the same key, the result is a
        /// conflict.
        /// </param>
        /// <param name="leaseOwner">
        /// A UUID that identifies the request that does the work. If the response was lost, a repeat with the same lease owner receives the
        /// same reservation. The value is <see langword="null"/> for host code whose reservation must survive a restart.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
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

        /// <summary>Gets the idempotency key of the work.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the lifetime of the reservation.</summary>
        public TimeSpan Lifetime { get; }

        /// <summary>Gets the text that identifies the request.</summary>
        public string? Fingerprint { get; }

        /// <summary>Gets the identifier of the request that does the work, or <see langword="null"/> for host code.</summary>
        public Guid? LeaseOwner { get; }
    }

    /// <summary>
    /// Extends the lifetime of a reservation, and never shortens it. The command changes the balance and the version only if the
    /// reservation had expired.
    /// </summary>
    public sealed record Renew : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so the store rejects a command with an older
        /// attempt number.
        /// </param>
        /// <param name="lifetime">
        /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Renew(UserId user, Guid reservationId, int attempt, TimeSpan lifetime)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            CheckLifetime(lifetime);
            ReservationId = reservationId;
            Attempt = attempt;
            Lifetime = lifetime;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the new lifetime, counted from the time of the command.</summary>
        public TimeSpan Lifetime { get; }
    }

    /// <summary>
    /// Takes over a reservation: makes its next attempt the current one, and otherwise does what <see cref="Renew"/> does. The commands of
    /// the earlier attempt then return <see cref="CreditCommandStatus.Superseded"/>. The reservation has no lease owner afterwards. A
    /// repeated claim of the same attempt also returns <see cref="CreditCommandStatus.Superseded"/>.
    /// </summary>
    public sealed record Claim : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">The attempt number that is taken over, 1 or more. Only the current attempt can be taken over.</param>
        /// <param name="lifetime">
        /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Claim(UserId user, Guid reservationId, int attempt, TimeSpan lifetime)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            CheckLifetime(lifetime);
            ReservationId = reservationId;
            Attempt = attempt;
            Lifetime = lifetime;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number that is taken over.</summary>
        public int Attempt { get; }

        /// <summary>Gets the new lifetime, counted from the time of the command.</summary>
        public TimeSpan Lifetime { get; }
    }

    /// <summary>Spends the credits of a reservation and stores the response to the paid request.</summary>
    public sealed record Capture : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so only the current attempt can be captured.
        /// </param>
        /// <param name="response">The response that a repeated request will receive.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Capture(UserId user, Guid reservationId, int attempt, StoredResponse? response = null)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            ReservationId = reservationId;
            Attempt = attempt;
            Response = response;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the response that a repeated request will receive.</summary>
        public StoredResponse? Response { get; }
    }

    /// <summary>
    /// Spends a part of the credits of a reservation, returns the rest to the user in the same change, and stores the response to the paid
    /// request. The command is used for work whose price is known only after the work.
    /// </summary>
    public sealed record Settle : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so only the current attempt can be settled.
        /// </param>
        /// <param name="amount">
        /// The amount that is charged, in whole credits, 0 to the reserved amount. The store rejects a higher amount
        /// (<see cref="CreditCommandStatus.ExceedsReservation"/>).
        /// </param>
        /// <param name="response">The response that a repeated request will receive.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Settle(UserId user, Guid reservationId, int attempt, long amount, StoredResponse? response = null)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            CheckAmount(amount, min: 0);
            ReservationId = reservationId;
            Attempt = attempt;
            Amount = amount;
            Response = response;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the amount that is charged, in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the response that a repeated request will receive.</summary>
        public StoredResponse? Response { get; }
    }

    /// <summary>Ends a reservation and returns its credits to the user.</summary>
    public sealed record Release : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so a command with an older attempt number changes
        /// nothing.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Release(UserId user, Guid reservationId, int attempt)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
            ReservationId = reservationId;
            Attempt = attempt;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }
    }

    /// <summary>
    /// Adds credits to an account, for example after a purchase. If the user has no account, the command first creates the account with
    /// the initial credits that the store defines. Only server code can send this command.
    /// </summary>
    public sealed record Grant : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">The amount in whole credits, 1 to <see cref="MaxAmount"/>.</param>
        /// <param name="key">The idempotency key of the grant, for example the id of the payment.</param>
        /// <param name="reason">
        /// A text for the ledger entry, at most <see cref="MaxReasonLength"/> characters without control characters. The user can read it.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters.</exception>
        public Grant(UserId user, long amount, IdempotencyKey key, string? reason = null)
            : base(user)
        {
            CheckAmount(amount);
            _ = key.Value;
            CheckReason(reason);
            Amount = amount;
            Key = key;
            Reason = reason;
        }

        /// <summary>Gets the amount in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the idempotency key of the grant.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the text for the ledger entry.</summary>
        public string? Reason { get; }
    }

    /// <summary>
    /// Returns credits of one charge, which is a consume or capture entry of the ledger. All refunds of an entry together never exceed the
    /// entry. Only server code can send this command.
    /// </summary>
    public sealed record Refund : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="entryId">The id of the ledger entry of the charge (<see cref="CreditCommandResult.EntryId"/>), 1 or more.</param>
        /// <param name="amount">
        /// The amount in whole credits, 1 to <see cref="MaxAmount"/>, or <see langword="null"/> for all that was not refunded yet.
        /// </param>
        /// <param name="key">The idempotency key of the refund.</param>
        /// <param name="reason">
        /// A text for the ledger entry, at most <see cref="MaxReasonLength"/> characters without control characters. The user can read it.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters.</exception>
        public Refund(UserId user, long entryId, long? amount, IdempotencyKey key, string? reason = null)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(entryId, 1);
            CheckAmount(amount ?? 1);
            _ = key.Value;
            CheckReason(reason);
            EntryId = entryId;
            Amount = amount;
            Key = key;
            Reason = reason;
        }

        /// <summary>Gets the id of the ledger entry of the charge.</summary>
        public long EntryId { get; }

        /// <summary>Gets the amount in whole credits, or <see langword="null"/> for all that was not refunded yet.</summary>
        public long? Amount { get; }

        /// <summary>Gets the idempotency key of the refund.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the text for the ledger entry.</summary>
        public string? Reason { get; }
    }

    /// <summary>
    /// Corrects an account on behalf of an operator. A negative amount takes only available credits, so that a balance is never negative
    /// and a reservation keeps its credits. Only server code can send this command.
    /// </summary>
    public sealed record Adjust : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="amount">
        /// The change in whole credits, from -<see cref="MaxAmount"/> to <see cref="MaxAmount"/>, but not 0.
        /// </param>
        /// <param name="key">The idempotency key of the adjustment.</param>
        /// <param name="actor">The operator, 1 to <see cref="MaxActorLength"/> characters without control characters.</param>
        /// <param name="reason">
        /// A text for the ledger entry, 1 to <see cref="MaxReasonLength"/> characters without control characters. The user can read it.
        /// </param>
        /// <exception cref="ArgumentNullException">
        /// <paramref name="actor"/> or <paramref name="reason"/> is <see langword="null"/>.
        /// </exception>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        /// <exception cref="ArgumentException">A text is empty or contains control characters.</exception>
        public Adjust(UserId user, long amount, IdempotencyKey key, string actor, string reason)
            : base(user)
        {
            ArgumentOutOfRangeException.ThrowIfZero(amount);
            ArgumentOutOfRangeException.ThrowIfLessThan(amount, -MaxAmount);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
            _ = key.Value;
            ArgumentException.ThrowIfNullOrWhiteSpace(actor);
            ArgumentException.ThrowIfNullOrWhiteSpace(reason);
            CheckText(actor, MaxActorLength, nameof(actor));
            CheckReason(reason);
            Amount = amount;
            Key = key;
            Actor = actor;
            Reason = reason;
        }

        /// <summary>Gets the change in whole credits, which may be negative.</summary>
        public long Amount { get; }

        /// <summary>Gets the idempotency key of the adjustment.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the operator.</summary>
        public string Actor { get; }

        /// <summary>Gets the text for the ledger entry.</summary>
        public string Reason { get; }
    }
}
