namespace SessionRecovery.Files.Internal;

/// <summary>A type of file: its canonical content type, and the extension that the store gives it.</summary>
internal sealed record FileType(string ContentType, string Extension);
