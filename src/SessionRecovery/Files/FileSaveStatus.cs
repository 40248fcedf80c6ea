namespace SessionRecovery.Files;

/// <summary>How an upload ended.</summary>
public enum FileSaveStatus
{
    /// <summary>The disk or the manifest could not be written; nothing was stored.</summary>
    Unavailable = 0,

    /// <summary>Stored.</summary>
    Saved,

    /// <summary>The upload broke off; nothing was stored.</summary>
    Interrupted,

    /// <summary>No bytes came.</summary>
    Empty,

    /// <summary>More bytes than allowed came; nothing was stored.</summary>
    TooLarge,

    /// <summary>The type is not allowed, or the bytes are not what the type says.</summary>
    UnsupportedType,

    /// <summary>The user has as many files as allowed.</summary>
    TooMany,
}
