namespace SessionRecovery.Files;

/// <summary>What became of a request for a file.</summary>
public enum FileOpenStatus
{
    /// <summary>The manifest or the disk could not be asked.</summary>
    Unavailable = 0,

    /// <summary>Here it is.</summary>
    Found,

    /// <summary>This user has no such file; a foreign one looks the same.</summary>
    NotFound,

    /// <summary>There is a row, but the bytes are gone.</summary>
    Lost,
}
