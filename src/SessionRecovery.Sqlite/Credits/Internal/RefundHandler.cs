using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Returns credits of a charge. The sum of all refunds of a charge never exceeds the charge.</summary>
internal static class RefundHandler
{
    // The text that marks the ledger entry of a refund without an amount. With this mark, a repeated refund with an explicit amount is
    // detected as a conflict.
    private const string Rest = "rest";

    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Refund command)
    {
        var fingerprint = command.Amount is null ? Rest : null;
        if (account.FindUse(command.Key) is { } use)
        {
            var isSame = use is { Kind: EntryKind.Refund }
                && use.RefersTo == command.EntryId
                && use.Amount == (command.Amount ?? use.Amount)
                && string.Equals(use.Fingerprint, fingerprint, StringComparison.Ordinal);
            return isSame
                ? account.ToResult(CreditCommandStatus.Done) with { EntryId = use.Entry, Replayed = true }
                : account.ToResult(CreditCommandStatus.KeyConflict);
        }

        if (account.FindRefundable(command.EntryId) is not { } refundable)
        {
            return account.ToResult(CreditCommandStatus.EntryNotFound);
        }

        var amount = command.Amount ?? refundable;
        if (amount == 0 || amount > refundable)
        {
            return account.ToResult(CreditCommandStatus.ExceedsEntry) with { Refundable = refundable };
        }

        if (!account.HasRoom(amount))
        {
            return account.ToResult(CreditCommandStatus.ExceedsLimit);
        }

        var entry = account.Append(new LedgerEntry(EntryKind.Refund, amount)
        {
            Key = command.Key.Value,
            Fingerprint = fingerprint,
            RefersTo = command.EntryId,
            Reason = command.Reason,
        });
        return account.ToResult(CreditCommandStatus.Done) with { EntryId = entry };
    }
}
