namespace SessionRecovery.Files;

/// <summary>Specifies whether an upload was stored.</summary>
public enum FileSaveStatus
{
    /// <summary>The disk or the manifest could not be written, and the file was not stored.</summary>
    Unavailable = 0,

    /// <summary>The file was stored.</summary>
    Saved,

    /// <summary>The upload ended before all bytes arrived, and the file was not stored.</summary>
    Interrupted,

    /// <summary>The upload contained no bytes.</summary>
    Empty,

    /// <summary>The upload was larger than <see cref="UserFileOptions.MaxSize"/>, and the file was not stored.</summary>
    TooLarge,

    /// <summary>
    /// The content type that the first bytes show is not allowed, or the declared content type is not compatible with it.
    /// </summary>
    UnsupportedType,

    /// <summary>The user already has <see cref="UserFileOptions.MaxFiles"/> files.</summary>
    TooMany,
}
