using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class Initialising
{
    public static CreditOutcome Create(StoreConnection connection, UserId user, long initialCredits, DateTimeOffset now, string incarnation)
    {
        var book = CreditBook.Begin(connection, user, now, incarnation);
        var entry = book.Append(new LedgerEntry(EntryKind.Init, initialCredits));
        book.Note(EntryKind.Init, initialCredits, entry);
        return book.Answer(CreditOutcomeStatus.Done) with { Created = true };
    }

    public static CreditOutcome Repeat(CreditBook book) => book.Answer(CreditOutcomeStatus.Done) with { Replayed = true };
}
