using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Identifies a file that was open at a path, and detects later that another file, or no file, is at this path. SQLite opens the file and
/// makes the comparison, without reading or locking the file. On Windows, an open file cannot be replaced, so only the existence of the
/// file is checked.
/// </summary>
internal sealed partial class FileIdentity : IDisposable
{
    private const string Library = "e_sqlite3";
    private const int HasMoved = 20;

    private readonly string _path;
    private readonly SqliteConnection? _file;

    private FileIdentity(string path, SqliteConnection? file)
    {
        _path = path;
        _file = file;
    }

    public static FileIdentity Create(string path)
    {
        // The native function must come from the same library as the connection handle. A host may have configured another native SQLite
        // library.
        if (OperatingSystem.IsWindows() || raw.GetNativeLibraryName() != Library)
        {
            return new FileIdentity(path, null);
        }

        var file = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        try
        {
            file.Open();
            return new FileIdentity(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns a value that indicates whether the path no longer refers to the original file.</summary>
    public bool IsMoved()
    {
        if (!File.Exists(_path))
        {
            return true;
        }

        var moved = 0;
        return _file is not null
            && FileControl(_file.Handle!.DangerousGetHandle(), "main", HasMoved, ref moved) == raw.SQLITE_OK
            && moved != 0;
    }

    public void Dispose() => _file?.Dispose();

    [LibraryImport(Library, EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int FileControl(nint database, string name, int operation, ref int value);
}
