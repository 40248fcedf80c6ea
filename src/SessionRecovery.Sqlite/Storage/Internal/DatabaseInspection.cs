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

    // A whole check reads every page, about 10 ms for this size. Of a larger file only the header and the schema are read: a start
    // must not take longer the longer an app has lived.
    private const long WholeCheckLimit = 1024 * 1024;

    /// <returns>Whether the file could be judged without its log; if not, ask <see cref="Check"/>.</returns>
    public static bool Inspect(DatabaseLocation location)
    {
        if (Directory.Exists(location.Path))
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' can't be opened because it is a folder; name a file in it.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(location.Path)))
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' can't be opened because its folder does not exist; create the folder first.");
        }

        var file = new FileInfo(location.Path);
        if (!file.Exists || file.Length == 0)
        {
            return true;
        }

        using var connection = new StoreConnection(location.InspectionConnectionString, TimeSpan.Zero);
        Schema.Exists(connection, location.Path);

        // While there is a log, of a running process or of a crashed one, the file is only whole together with it.
        if (File.Exists(location.LogPath))
        {
            return false;
        }

        var isWhole = IsWhole(connection, location);
        return isWhole || File.Exists(location.LogPath) ? isWhole : throw IsCorrupt(location, null);
    }

    /// <summary>The same through a connection that reads the log too.</summary>
    public static void Check(StoreConnection connection, DatabaseLocation location)
    {
        if (!IsWhole(connection, location))
        {
            throw IsCorrupt(location, null);
        }
    }

    /// <summary>One sentence about why the database could not be opened.</summary>
    public static InvalidOperationException Explain(DatabaseLocation location, Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => IsCorrupt(location, exception),
        SqliteException { SqliteErrorCode: Busy or Locked } => new(
            $"The credit database '{location.Path}' is locked by another program; end that program first.", exception),
        SqliteException { SqliteErrorCode: CantOpen } or UnauthorizedAccessException => new(
            $"The credit database '{location.Path}' can't be opened; check that this process may read and write the file and its "
            + "folder.", exception),
        _ => new($"The credit database '{location.Path}' can't be opened: {exception.Message}", exception),
    };

    private static bool IsWhole(StoreConnection connection, DatabaseLocation location) =>
        new FileInfo(location.Path).Length > WholeCheckLimit || connection.Scalar("pragma quick_check(1)") is "ok";

    private static InvalidOperationException IsCorrupt(DatabaseLocation location, Exception? exception) =>
        new(
            $"The credit database '{location.Path}' is corrupt or no SQLite file; restore it from a backup, or name another file.",
            exception);
}
