using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Corrects an account. A negative amount takes only available credits.</summary>
internal static class AdjustHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Adjust command)
    {
        if (account.FindUse(command.Key) is { } use)
        {
            var isSame = use is { Kind: EntryKind.Adjust }
                && use.Amount == command.Amount
                && string.Equals(use.Actor, command.Actor, StringComparison.Ordinal);
            return isSame
                ? account.ToResult(CreditCommandStatus.Done) with { EntryId = use.Entry, Replayed = true }
                : account.ToResult(CreditCommandStatus.KeyConflict);
        }

        if (command.Amount < 0 && !account.Covers(-command.Amount))
        {
            return account.ToResult(CreditCommandStatus.Insufficient) with { Required = -command.Amount };
        }

        if (command.Amount > 0 && !account.HasRoom(command.Amount))
        {
            return account.ToResult(CreditCommandStatus.ExceedsLimit);
        }

        var entry = account.Append(new LedgerEntry(EntryKind.Adjust, command.Amount)
        {
            Key = command.Key.Value,
            Actor = command.Actor,
            Reason = command.Reason,
        });
        return account.ToResult(CreditCommandStatus.Done) with { EntryId = entry };
    }
}
