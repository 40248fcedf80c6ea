using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class InitializeHandler
{
    public static CreditCommandResult Create(StoreConnection connection, UserId user, long initialCredits, DateTimeOffset now, string incarnation)
    {
        var book = AccountTransaction.Begin(connection, user, now, incarnation);
        var entry = book.Append(new LedgerEntry(EntryKind.Init, initialCredits));
        book.Note(EntryKind.Init, initialCredits, entry);
        return book.Answer(CreditCommandStatus.Done) with { Created = true };
    }

    public static CreditCommandResult Repeat(AccountTransaction book) => book.Answer(CreditCommandStatus.Done) with { Replayed = true };
}
