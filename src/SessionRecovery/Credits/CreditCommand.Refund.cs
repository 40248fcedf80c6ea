using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
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
        /// The amount in whole credits, 1 to <see cref="MaxAmount"/>. With <see langword="null"/>, everything that was not refunded yet is
        /// refunded.
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
            CommandArguments.CheckAmount(amount ?? 1);
            CommandArguments.CheckKey(key);
            CommandArguments.CheckReason(reason);
            EntryId = entryId;
            Amount = amount;
            Key = key;
            Reason = reason;
        }

        /// <summary>Gets the id of the ledger entry of the charge.</summary>
        public long EntryId { get; }

        /// <summary>Gets the amount in whole credits, or <see langword="null"/> for everything that was not refunded yet.</summary>
        public long? Amount { get; }

        /// <summary>Gets the idempotency key of the refund.</summary>
        public IdempotencyKey Key { get; }

        /// <summary>Gets the text for the ledger entry.</summary>
        public string? Reason { get; }
    }
}
