using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
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
            CommandArguments.CheckAmount(amount);
            CommandArguments.CheckKey(key);
            CommandArguments.CheckReason(reason);
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
}
