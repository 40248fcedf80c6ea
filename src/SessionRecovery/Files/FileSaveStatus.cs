namespace SessionRecovery.Files;

/// <summary>The status of an upload.</summary>
public enum FileSaveStatus
{
    /// <summary>The disk or the manifest could not be written; nothing was stored.</summary>
    Unavailable = 0,

    /// <summary>The file was stored.</summary>
    Saved,

    /// <summary>The upload broke off; nothing was stored.</summary>
    Interrupted,

    /// <summary>The upload contained no bytes.</summary>
    Empty,

    /// <summary>The upload exceeded <see cref="UserFileOptions.MaxSize"/>; nothing was stored.</summary>
    TooLarge,

    /// <summary>The type of the first bytes is not allowed, or the declared type is not compatible with it.</summary>
    UnsupportedType,

    /// <summary>The user has <see cref="UserFileOptions.MaxFiles"/> files already.</summary>
    TooMany,
}
