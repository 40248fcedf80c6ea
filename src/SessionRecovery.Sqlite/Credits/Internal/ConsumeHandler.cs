using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class ConsumeHandler
{
    public static CreditCommandResult Apply(AccountTransaction book, CreditCommand.Consume command)
    {
        if (book.FindUse(command.Key) is { } use)
        {
            return use == (EntryKind.Consume, -command.Amount)
                ? book.Answer(CreditCommandStatus.Done) with { Replayed = true }
                : book.Answer(CreditCommandStatus.KeyConflict);
        }

        if (book.Available < command.Amount)
        {
            return book.Answer(CreditCommandStatus.Insufficient) with { Required = command.Amount };
        }

        var entry = book.Append(new LedgerEntry(EntryKind.Consume, -command.Amount) { Key = command.Key.Value, Reason = command.Reason });
        book.Note(EntryKind.Consume, -command.Amount, entry);
        return book.Answer(CreditCommandStatus.Done);
    }
}
