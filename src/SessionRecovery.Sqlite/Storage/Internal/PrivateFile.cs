namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Creates files that only the user of the process can read, because the database may contain sign-in keys. The mode of an existing file is
/// not changed, because an operator may have given a group access to the file, for example for backups.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>
    /// Creates the file if it does not exist. SQLite creates the write-ahead log and the index of the log with the mode of the database
    /// file.
    /// </summary>
    public static void Create(string path)
    {
        // An existing file is not opened here, because closing it would release the locks that another connection of this process has on
        // the file.
        if (!File.Exists(path))
        {
            Open(path, FileShare.ReadWrite).Dispose();
        }
    }

    public static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        return new FileStream(path, options);
    }

    /// <summary>Returns a value that indicates whether the mode of a database file gives access to other users.</summary>
    public static bool IsOpenToOthers(DatabaseLocation location)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        foreach (var path in (string[])[location.Path, location.LogPath, location.LogIndexPath])
        {
            try
            {
                if ((File.GetUnixFileMode(path) & Others) != 0)
                {
                    return true;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The log and its index do not always exist.
            }
        }

        return false;
    }
}
