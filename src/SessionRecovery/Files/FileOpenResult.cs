namespace SessionRecovery.Files;

/// <summary>Represents the result of opening a file.</summary>
public sealed record FileOpenResult
{
    /// <summary>Creates a result with the given status.</summary>
    /// <param name="status">The status.</param>
    public FileOpenResult(FileOpenStatus status) => Status = status;

    /// <summary>Gets the status.</summary>
    public FileOpenStatus Status { get; }

    /// <summary>
    /// Gets the file's row in the manifest if the status is <see cref="FileOpenStatus.Found"/> or <see cref="FileOpenStatus.Lost"/>.
    /// </summary>
    public StoredFile? File { get; init; }

    /// <summary>Gets the content of the file as a seekable stream, if the file was found. The caller must dispose the stream.</summary>
    public Stream? Content { get; init; }
}
