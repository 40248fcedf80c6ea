using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Where the database is, made absolute once, so that a later change of the working folder moves nothing.</summary>
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

    public string WriterConnectionString => With(Path, SqliteOpenMode.ReadWriteCreate, foreignKeys: true);

    public string ReaderConnectionString => With(Path, SqliteOpenMode.ReadOnly, foreignKeys: null);

    /// <summary>Reads the main file alone: takes no lock, makes no file, changes nothing.</summary>
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
                "UseSqlite was given a connection string that can't be read; write it as 'Data Source=/var/lib/app/studio.db'.", exception);
        }

        if (settings.Mode == SqliteOpenMode.Memory
            || string.IsNullOrWhiteSpace(settings.DataSource)
            || settings.DataSource.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
            || settings.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                "UseSqlite was given a database in memory, which does not survive a restart; name a file, as in 'Data "
                + "Source=/var/lib/app/studio.db'.");
        }

        if (settings.DataSource.StartsWith(
            "file:", StringComparison.OrdinalIgnoreCase) || settings.DataSource.Contains('|', StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                "UseSqlite takes a plain path, as in 'Data Source=/var/lib/app/studio.db', and no URI or placeholder.");
        }

        if (settings.Mode == SqliteOpenMode.ReadOnly)
        {
            throw new InvalidOperationException(
                "UseSqlite was given Mode=ReadOnly, but spending credits writes; take the mode out of the connection string.");
        }

        return new DatabaseLocation(settings, System.IO.Path.GetFullPath(settings.DataSource));
    }

    // A pool of the provider's would keep the file open after the store has closed; the store pools its readers itself.
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
