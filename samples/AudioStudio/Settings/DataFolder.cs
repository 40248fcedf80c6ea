using Microsoft.Data.Sqlite;

namespace AudioStudio.Settings;

/// <summary>Represents the folder of all data that must survive a restart. Only the owner of the folder has access.</summary>
internal sealed record DataFolder(string Path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Accounts => System.IO.Path.Combine(Path, "accounts.db");

    public string Credits => System.IO.Path.Combine(Path, "studio.db");

    /// <summary>Gets the connection string of <see cref="Credits"/>. Special characters of the path are escaped.</summary>
    public string CreditsConnection => new SqliteConnectionStringBuilder { DataSource = Credits }.ToString();

    public string Uploads => System.IO.Path.Combine(Path, "uploads");

    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static DataFolder Prepare(string path)
    {
        var folder = new DataFolder(path);
        Create(folder.Path);
        Create(folder.Uploads);
        ProveWritable(folder.Path);
        return folder;
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    private static void ProveWritable(string path)
    {
        var probe = System.IO.Path.Combine(path, $".write-test-{Guid.NewGuid():N}");
        using var file =
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
    }
}
