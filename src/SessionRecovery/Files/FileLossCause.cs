namespace SessionRecovery.Files;

/// <summary>Why the bytes of a manifest row are gone. For operators: it is logged, never sent.</summary>
public enum FileLossCause
{
    /// <summary>Not lost.</summary>
    None = 0,

    /// <summary>The folder of all files is gone or is another one: a wrong disk, a new container, another node.</summary>
    FolderMissing,

    /// <summary>The folder is there, this file is not.</summary>
    FileMissing,

    /// <summary>The file has another length than its row says.</summary>
    Truncated,
}
