namespace SessionRecovery.Files;

/// <summary>A file to be served. When <see cref="Status"/> is <see cref="FileOpenStatus.Found"/> the caller disposes <see cref="Content"/>.</summary>
/// <param name="Status">What became of the request.</param>
/// <param name="File">The row, when found or lost.</param>
/// <param name="Content">A seekable stream, when found.</param>
/// <param name="Cause">Why the bytes are gone, when lost.</param>
public readonly record struct FileOpenResult(
    FileOpenStatus Status,
    StoredFile? File = null,
    Stream? Content = null,
    FileLossCause Cause = FileLossCause.None);
