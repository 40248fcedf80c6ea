namespace SessionRecovery.Files;

/// <summary>The status of a request for a file.</summary>
public enum FileOpenStatus
{
    /// <summary>The manifest or the disk could not be read.</summary>
    Unavailable = 0,

    /// <summary>The file was found.</summary>
    Found,

    /// <summary>The user has no such file. Another user's file has the same status.</summary>
    NotFound,

    /// <summary>The manifest has a row for the file, but its bytes are missing.</summary>
    Lost,
}
