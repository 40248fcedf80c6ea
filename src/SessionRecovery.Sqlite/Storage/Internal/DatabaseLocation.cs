using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Contains the paths of the database files. The paths are absolute, so that a later change of the working directory has no effect.
/// </summary>
internal sealed class DatabaseLocation
{
    private readonly SqliteConnectionStringBuilder _settings;

    private DatabaseLocation(SqliteConnectionStringBuilder settings, string path)
    {
        _settings = settings;
        Path = path;
    }

    public string Path { get; }

    public string FileName => System.IO.Path.GetFileName(Path);

    public string OwnerPath => Path + ".owner";

    public string LogPath => Path + "-wal";

    public string LogIndexPath => Path + "-shm";

    public string WriterConnectionString => With(Path, SqliteOpenMode.ReadWriteCreate, foreignKeys: true);

    public string ReaderConnectionString => With(Path, SqliteOpenMode.ReadOnly, foreignKeys: null);

    /// <summary>
    /// Gets a connection string that reads only the main database file. A connection with this string takes no lock and creates no file.
    /// </summary>
    public string InspectionConnectionString =>
        With(new Uri(Path).AbsoluteUri + "?immutable=1", SqliteOpenMode.ReadOnly, foreignKeys: null);

    public static DatabaseLocation Parse(string connectionString)
    {
        SqliteConnectionStringBuilder settings;
        try
        {
            settings = new SqliteConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidOperationException(
                "The connection string of UseSqlite is invalid; write it as 'Data Source=/var/lib/app/studio.db'.", exception);
        }

        if (settings.Mode == SqliteOpenMode.Memory
            || string.IsNullOrWhiteSpace(settings.DataSource)
            || settings.DataSource.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
            || settings.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                "The connection string of UseSqlite names a database in memory, which does not survive a restart; use a file, for example "
                + "'Data Source=/var/lib/app/studio.db'.");
        }

        if (settings.DataSource.StartsWith(
            "file:", StringComparison.OrdinalIgnoreCase) || settings.DataSource.Contains('|', StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                "The connection string of UseSqlite must name a plain path, for example 'Data Source=/var/lib/app/studio.db', not a "
                + "URI or a placeholder.");
        }

        if (settings.Mode == SqliteOpenMode.ReadOnly)
        {
            throw new InvalidOperationException(
                "The connection string of UseSqlite has Mode=ReadOnly, but the store writes; remove the mode.");
        }

        return new DatabaseLocation(settings, System.IO.Path.GetFullPath(settings.DataSource));
    }

    // Connection pooling is disabled, because a pooled connection would keep the file open after the store has closed. The store has a pool
    // of its own for reader connections.
    private string With(string dataSource, SqliteOpenMode mode, bool? foreignKeys) =>
        new SqliteConnectionStringBuilder(_settings.ConnectionString)
        {
            DataSource = dataSource,
            Mode = mode,
            Cache = SqliteCacheMode.Default,
            Pooling = false,
            ForeignKeys = foreignKeys,
            DefaultTimeout = 1,
        }.ConnectionString;
}
