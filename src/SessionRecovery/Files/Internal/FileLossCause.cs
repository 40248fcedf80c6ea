namespace SessionRecovery.Files.Internal;

/// <summary>The reason why the bytes of a manifest row are missing. It is logged but not sent to the client.</summary>
internal enum FileLossCause
{
    /// <summary>The file is not lost.</summary>
    None = 0,

    /// <summary>The folder of all files is missing or another one: a wrong disk, a new container, another node.</summary>
    FolderMissing,

    /// <summary>The folder exists, the file does not.</summary>
    FileMissing,

    /// <summary>The file's length differs from the manifest's.</summary>
    Truncated,
}
