namespace SessionRecovery.Files.Internal;

/// <summary>Specifies why the content of a file in the manifest is missing. The cause is logged but not sent to the client.</summary>
internal enum FileLossCause
{
    /// <summary>The file is not lost.</summary>
    None = 0,

    /// <summary>
    /// The folder for all files is missing or is a different folder, for example after a move to a new container or another node.
    /// </summary>
    FolderMissing,

    /// <summary>The folder exists, but the file does not.</summary>
    FileMissing,

    /// <summary>The length of the file differs from the length in the manifest.</summary>
    Truncated,
}
