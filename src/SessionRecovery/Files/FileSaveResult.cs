namespace SessionRecovery.Files;

/// <summary>The result of an upload.</summary>
public sealed record FileSaveResult
{
    /// <summary>Creates a result.</summary>
    /// <param name="status">The status.</param>
    /// <param name="file">The file, if it was saved.</param>
    public FileSaveResult(FileSaveStatus status, StoredFile? file = null)
    {
        Status = status;
        File = file;
    }

    /// <summary>Gets the status.</summary>
    public FileSaveStatus Status { get; }

    /// <summary>Gets the file; <see langword="null"/> unless the status is <see cref="FileSaveStatus.Saved"/>.</summary>
    public StoredFile? File { get; }

    /// <summary>
    /// Gets the content type that the first bytes show, if the status is <see cref="FileSaveStatus.UnsupportedType"/> and it is known.
    /// </summary>
    public string? DetectedContentType { get; init; }
}
