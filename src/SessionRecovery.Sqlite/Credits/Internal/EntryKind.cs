namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>The kinds of ledger rows that this store writes, as the table spells them.</summary>
internal static class EntryKind
{
    public const string Init = "init";
    public const string Consume = "consume";
    public const string Hold = "hold";
    public const string Capture = "capture";
    public const string Release = "release";
    public const string Expire = "expire";
}
