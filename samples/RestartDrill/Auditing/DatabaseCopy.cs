using Microsoft.Data.Sqlite;
using RestartDrill.Server;

namespace RestartDrill.Auditing;

/// <summary>
/// Represents a copy of a database in a temporary folder, which the audit reads. If the database has no log, the copy needs no right to
/// write next to it. If a process has crashed and left a log, SQLite creates the index of the log.
/// </summary>
internal sealed class DatabaseCopy : IDisposable
{
    // The result codes of SQLite that describe the content of a file: SQLITE_ERROR, SQLITE_CORRUPT and SQLITE_NOTADB.
    private static readonly int[] ContentErrors = [1, 11, 26];

    private readonly TemporaryFolder _folder = new();

    private DatabaseCopy()
    {
    }

    /// <summary>Gets the path of the copy.</summary>
    public string Path => _folder.Database;

    /// <summary>Copies a database that another process may use.</summary>
    /// <exception cref="SqliteException">The content of the database is damaged.</exception>
    /// <exception cref="InvalidOperationException">
    /// The database cannot be opened, for example because of its permissions. This says nothing about its content.
    /// </exception>
    public static DatabaseCopy Create(string path)
    {
        var copy = new DatabaseCopy();
        try
        {
            // SQLite places the log beside the file to which a link leads. A database without a log is used by no process. SQLite would
            // create a log and its index to read it, unless the file is opened as immutable. If a process has opened the database
            // meanwhile, the copy may be torn and is made again.
            var source = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? System.IO.Path.GetFullPath(path);
            if (!HasLog(source))
            {
                copy.Fill($"file://{Escape(source)}?immutable=1");
            }

            if (HasLog(source))
            {
                copy.Fill(source);
            }

            return copy;
        }
        catch (SqliteException exception) when (!ContentErrors.Contains(exception.SqliteErrorCode))
        {
            copy.Dispose();
            throw new InvalidOperationException(exception.Message, exception);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Opens the copy.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken stop)
    {
        var connection = Connect(Path, SqliteOpenMode.ReadWriteCreate);
        await connection.OpenAsync(stop);
        return connection;
    }

    public void Dispose() => _folder.Dispose();

    private static bool HasLog(string path) => File.Exists(path + "-wal") || File.Exists(path + "-journal");

    private static string Escape(string path) => string.Concat(
        path.Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
            .Select(static segment => "/" + Uri.EscapeDataString(segment)));

    private static SqliteConnection Connect(string source, SqliteOpenMode mode) =>
        new(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());

    private void Fill(string source)
    {
        using var original = Connect(source, SqliteOpenMode.ReadOnly);
        using var copy = Connect(Path, SqliteOpenMode.ReadWriteCreate);
        original.Open();
        copy.Open();
        original.BackupDatabase(copy);
    }
}
