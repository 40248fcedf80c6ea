namespace SessionRecovery.Files;

/// <summary>The result of <see cref="FileUpload.CopyToAsync"/>.</summary>
public sealed record FileCopyResult
{
    /// <summary>Gets the status; <see cref="FileSaveStatus.Saved"/> if all bytes were copied.</summary>
    public FileSaveStatus Status { get; init; }

    /// <summary>Gets the number of bytes.</summary>
    public long Size { get; init; }

    /// <summary>Gets the SHA-256 of the bytes in lower-case hexadecimal.</summary>
    public string Sha256 { get; init; } = string.Empty;

    /// <summary>Gets the canonical content type.</summary>
    public string ContentType { get; init; } = string.Empty;

    /// <summary>Gets the extension of the content type with its dot, for <see cref="StoredFileName.Create"/>.</summary>
    public string Extension { get; init; } = string.Empty;
}
