using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Looks at a file before anything is opened for writing, so that a refused one stays as it is to the byte.</summary>
internal static class DatabaseInspection
{
    private const int Corrupt = 11;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;
    private const int Busy = 5;
    private const int Locked = 6;

    // A whole check reads every page; up to this size it takes a few milliseconds, of a larger file the header and the schema are read.
    private const long WholeCheckLimit = 8 * 1024 * 1024;

    public static void Inspect(DatabaseLocation location)
    {
        if (Directory.Exists(location.Path))
        {
            throw new InvalidOperationException($"The credit database '{location.Path}' can't be opened because it is a folder; name a file in it.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(location.Path)))
        {
            throw new InvalidOperationException($"The credit database '{location.Path}' can't be opened because its folder does not exist; create the folder first.");
        }

        var file = new FileInfo(location.Path);
        if (!file.Exists || file.Length == 0)
        {
            return;
        }

        using var connection = new StoreConnection(location.InspectionConnectionString, TimeSpan.Zero);
        Schema.Exists(connection, location.Path);

        // After a crash the latest pages are still in the log, and the main file alone is only whole together with it.
        var log = new FileInfo(location.Path + "-wal");
        if (file.Length <= WholeCheckLimit && !(log.Exists && log.Length > 0) && connection.Scalar("PRAGMA quick_check(1)") is not "ok")
        {
            throw IsCorrupt(location, null);
        }
    }

    /// <summary>One sentence about why the database could not be opened.</summary>
    public static InvalidOperationException Explain(DatabaseLocation location, Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => IsCorrupt(location, exception),
        SqliteException { SqliteErrorCode: Busy or Locked } => new($"The credit database '{location.Path}' is locked by another program; end that program first.", exception),
        SqliteException { SqliteErrorCode: CantOpen } or UnauthorizedAccessException => new($"The credit database '{location.Path}' can't be opened; check that this process may read and write the file and its folder.", exception),
        _ => new($"The credit database '{location.Path}' can't be opened: {exception.Message}", exception),
    };

    private static InvalidOperationException IsCorrupt(DatabaseLocation location, Exception? exception) =>
        new($"The credit database '{location.Path}' is corrupt or no SQLite file; restore it from a backup, or name another file.", exception);
}
