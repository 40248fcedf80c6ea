namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Contains the values that the SQLite store writes to the column <c>credit_ledger.kind</c>.</summary>
internal static class EntryKind
{
    public const string Init = "init";
    public const string Grant = "grant";
    public const string Consume = "consume";
    public const string Refund = "refund";
    public const string Hold = "hold";
    public const string Capture = "capture";
    public const string Release = "release";
    public const string Expire = "expire";
    public const string Adjust = "adjust";
}
