namespace SessionRecovery.Files;

/// <summary>Specifies whether a file could be opened.</summary>
public enum FileOpenStatus
{
    /// <summary>The manifest or the disk could not be read.</summary>
    Unavailable = 0,

    /// <summary>The file was found.</summary>
    Found,

    /// <summary>The user has no such file. Another user's file has the same status.</summary>
    NotFound,

    /// <summary>The manifest contains the file, but the content of the file is missing.</summary>
    Lost,
}
