using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Adds granted credits. A grant does not make the user an active user.</summary>
internal static class GrantHandler
{
    public static CreditCommandResult Apply(AccountTransaction account, CreditCommand.Grant command)
    {
        if (account.FindUse(command.Key) is { } use)
        {
            return use is { Kind: EntryKind.Grant } && use.Amount == command.Amount
                ? account.ToResult(CreditCommandStatus.Done) with { EntryId = use.Entry, Replayed = true }
                : account.ToResult(CreditCommandStatus.KeyConflict);
        }

        if (!account.HasRoom(command.Amount))
        {
            return account.ToResult(CreditCommandStatus.ExceedsLimit);
        }

        var entry = account.Append(
            new LedgerEntry(EntryKind.Grant, command.Amount) { Key = command.Key.Value, Reason = command.Reason });
        return account.ToResult(CreditCommandStatus.Done) with { EntryId = entry };
    }

    /// <summary>Grants credits to a user without an account. The new account also receives the initial credits.</summary>
    public static CreditCommandResult Open(AccountTransaction newAccount, CreditCommand.Grant command, long initialCredits)
    {
        // A user without an account can have a reservation without a price, and the key of the grant may belong to this reservation. The
        // limit is checked against the initial credits, because the account is not written yet.
        if (newAccount.FindUse(command.Key) is not null)
        {
            return new CreditCommandResult(CreditCommandStatus.KeyConflict);
        }

        if (initialCredits > CreditCommand.MaxAmount - command.Amount)
        {
            return new CreditCommandResult(CreditCommandStatus.ExceedsLimit);
        }

        InitializeHandler.AppendInitialEntry(newAccount, initialCredits);
        return Apply(newAccount, command) with { Created = true };
    }
}
