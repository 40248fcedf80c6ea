namespace SessionRecovery.Files;

/// <summary>The result of a request for a file.</summary>
public sealed record FileOpenResult
{
    /// <summary>Creates a result.</summary>
    /// <param name="status">The status.</param>
    public FileOpenResult(FileOpenStatus status) => Status = status;

    /// <summary>Gets the status.</summary>
    public FileOpenStatus Status { get; }

    /// <summary>Gets the manifest row if the status is <see cref="FileOpenStatus.Found"/> or <see cref="FileOpenStatus.Lost"/>.</summary>
    public StoredFile? File { get; init; }

    /// <summary>Gets the bytes as a seekable stream, if the file was found. The caller disposes it.</summary>
    public Stream? Content { get; init; }
}
