using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Inspects a database file before the store opens it for writing, so that the store does not change a file that it rejects.
/// </summary>
internal static class DatabaseInspection
{
    private const int Corrupt = 11;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;
    private const int Busy = 5;
    private const int Locked = 6;

    // A full check reads every page of the database, which takes about 10 ms for 1 MiB. For a larger database, only the header and the
    // schema are read, so that the start does not become slower as the database grows.
    private const long WholeCheckLimit = 1024 * 1024;

    /// <returns>
    /// <see langword="true"/> if the file was checked; <see langword="false"/> if the check also needs the write-ahead log. If the result
    /// is <see langword="false"/>, the caller must call <see cref="Check"/> later.
    /// </returns>
    public static bool Inspect(DatabaseLocation location)
    {
        if (Directory.Exists(location.Path))
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' cannot be opened because it is a folder; use a file in it.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(location.Path)))
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' cannot be opened because its folder does not exist; create the folder first.");
        }

        var file = new FileInfo(location.Path);
        if (!file.Exists || file.Length == 0)
        {
            // An empty write-ahead log may belong to another process that is creating the database at this moment. RejectLogWithoutDatabase
            // is called again after the owner lock is acquired.
            if (new FileInfo(location.LogPath) is { Exists: true, Length: > 0 })
            {
                RejectLogWithoutDatabase(location);
            }

            return true;
        }

        var hadLog = File.Exists(location.LogPath);
        try
        {
            using var connection = new StoreConnection(location.InspectionConnectionString, TimeSpan.Zero);
            Schema.Exists(connection, location.Path);

            // If a running or a crashed process has left a write-ahead log, the database consists of the file and the log. The file alone
            // may be incomplete.
            if (hadLog || File.Exists(location.LogPath))
            {
                return false;
            }

            var isWhole = IsWhole(connection);
            return isWhole || File.Exists(location.LogPath) ? isWhole : throw IsCorrupt(location, null);
        }
        catch (SqliteException exception)
            when (exception.SqliteErrorCode is Corrupt or NotADatabase && (hadLog || File.Exists(location.LogPath)))
        {
            // Another process may be copying its write-ahead log into the file at this moment, so only some of the pages may be up to date.
            return false;
        }
    }

    /// <summary>
    /// Rejects a write-ahead log whose database file was deleted. The log may contain acknowledged changes. If the store created a new
    /// database, SQLite would delete the log, and every user would get the initial credits again.
    /// </summary>
    public static void RejectLogWithoutDatabase(DatabaseLocation location)
    {
        if (File.Exists(location.LogPath) && new FileInfo(location.Path) is not { Exists: true, Length: > 0 })
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' is missing or empty, but its log '{location.LogPath}' exists; restore the database "
                + "from a backup, or move the log away to begin with an empty ledger.");
        }
    }

    /// <summary>Checks the database through a connection that also reads the write-ahead log.</summary>
    public static void Check(StoreConnection connection, DatabaseLocation location)
    {
        if (!IsWhole(connection))
        {
            throw IsCorrupt(location, null);
        }
    }

    /// <summary>Converts an exception that was thrown while opening the database to an exception with a message for the operator.</summary>
    public static InvalidOperationException Explain(DatabaseLocation location, Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => IsCorrupt(location, exception),
        SqliteException { SqliteErrorCode: Busy or Locked } => new(
            $"The credit database '{location.Path}' is locked by another program; stop that program first.", exception),
        SqliteException { SqliteErrorCode: CantOpen } or UnauthorizedAccessException => new(
            $"The credit database '{location.Path}' cannot be opened; check that this process may read and write the file and its "
            + "folder.", exception),
        _ => new($"The credit database '{location.Path}' cannot be opened: {exception.Message}", exception),
    };

    // The number of pages includes the pages that are only in the write-ahead log.
    private static bool IsWhole(StoreConnection connection) =>
        (long)connection.Scalar("pragma page_count")! * (long)connection.Scalar("pragma page_size")! > WholeCheckLimit
        || connection.Scalar("pragma quick_check(1)") is "ok";

    private static InvalidOperationException IsCorrupt(DatabaseLocation location, Exception? exception) =>
        new(
            $"The credit database '{location.Path}' is corrupt or not a SQLite file; restore it from a backup, or use another file.",
            exception);
}
