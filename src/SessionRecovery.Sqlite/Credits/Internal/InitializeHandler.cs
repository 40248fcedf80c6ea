using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

internal static class InitializeHandler
{
    public static CreditCommandResult Create(
        StoreConnection connection, UserId user, long initialCredits, DateTimeOffset now, string incarnation)
    {
        var account = AccountTransaction.Begin(connection, user, now, incarnation);
        var entry = account.Append(new LedgerEntry(EntryKind.Init, initialCredits));
        var result = account.ToResult(CreditCommandStatus.Done) with { EntryId = entry, Created = true };
        ActiveUserTable.Record(connection, user, now.ToStore());
        return result;
    }

    /// <summary>Appends the first entry of an account that another command creates.</summary>
    public static void AppendInitialEntry(AccountTransaction account, long initialCredits) =>
        account.Append(new LedgerEntry(EntryKind.Init, initialCredits));

    public static CreditCommandResult Repeat(AccountTransaction account) =>
        account.ToResult(CreditCommandStatus.Done) with { Replayed = true };
}
