using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// A file as it was when this object was created. SQLite opens the file and compares it later with the file at the path; it reads and locks
/// nothing. Windows keeps an open file at its path, so that SQLite has no such comparison there.
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
        // The function must belong to the library that made the handle. A host may have chosen another library for SQLite.
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

    /// <summary>Gets a value that indicates whether the path no longer names the file.</summary>
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
