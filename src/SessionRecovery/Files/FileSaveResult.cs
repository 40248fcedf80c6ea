namespace SessionRecovery.Files;

/// <summary>How an upload ended, with the file when it was saved.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="File">The file, when saved.</param>
public readonly record struct FileSaveResult(FileSaveStatus Status, StoredFile? File = null);
