using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
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
            CommandArguments.CheckAmount(amount);
            CommandArguments.CheckKey(key);
            CommandArguments.CheckReason(reason);
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
}
