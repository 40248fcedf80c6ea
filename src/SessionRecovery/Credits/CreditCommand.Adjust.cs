using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
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
            CommandArguments.CheckAmount(amount, min: -MaxAmount);
            CommandArguments.CheckKey(key);
            CommandArguments.CheckActor(actor);
            CommandArguments.CheckRequiredReason(reason);
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
