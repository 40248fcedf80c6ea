using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
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
            CommandArguments.CheckAmount(amount, min: 0);
            CommandArguments.CheckLifetime(lifetime);
            CommandArguments.CheckKey(key);
            CommandArguments.CheckLength(fingerprint, 128, nameof(fingerprint));
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
}
