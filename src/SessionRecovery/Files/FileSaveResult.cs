namespace SessionRecovery.Files;

/// <summary>Represents the result of an upload.</summary>
public sealed record FileSaveResult
{
    /// <summary>Creates a result with the given status.</summary>
    /// <param name="status">The status.</param>
    /// <param name="file">The stored file, if the status is <see cref="FileSaveStatus.Saved"/>.</param>
    public FileSaveResult(FileSaveStatus status, StoredFile? file = null)
    {
        Status = status;
        File = file;
    }

    /// <summary>Gets the status.</summary>
    public FileSaveStatus Status { get; }

    /// <summary>Gets the stored file, or <see langword="null"/> if the status is not <see cref="FileSaveStatus.Saved"/>.</summary>
    public StoredFile? File { get; }

    /// <summary>
    /// Gets the content type that the store detected in the first bytes, if the status is <see cref="FileSaveStatus.UnsupportedType"/>. The
    /// value is <see langword="null"/> if the store did not recognize the type.
    /// </summary>
    public string? DetectedContentType { get; init; }
}
