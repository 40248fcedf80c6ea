using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ConsumeHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Consume command)
    {
        if (account.FindUse(command.Key) is { } use)
        {
            return use is { Kind: EntryKind.Consume } && use.Amount == -command.Amount
                ? account.ToResult(CreditCommandStatus.Done) with { EntryId = use.Entry, Replayed = true }
                : account.ToResult(CreditCommandStatus.KeyConflict);
        }

        if (!account.Covers(command.Amount))
        {
            return account.ToResult(CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        var entry = account.Append(
            new LedgerEntry(EntryKind.Consume, -command.Amount) { Key = command.Key.Value, Reason = command.Reason });
        return account.ToResult(CreditCommandStatus.Done) with { EntryId = entry };
    }
}
