namespace SessionRecovery.Files.Internal;

/// <summary>Specifies why the content of a file in the manifest is missing. The cause is logged but not sent to the client.</summary>
internal enum FileLossCause
{
    /// <summary>The file is not lost.</summary>
    None = 0,

    /// <summary>
    /// The folder for all files is missing or was replaced, for example because the application runs in a new container or on another node.
    /// </summary>
    FolderMissing,

    /// <summary>The folder exists, but the file does not.</summary>
    FileMissing,

    /// <summary>The length of the file differs from the length in the manifest.</summary>
    Truncated,
}
