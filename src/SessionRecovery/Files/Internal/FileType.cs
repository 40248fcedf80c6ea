namespace SessionRecovery.Files.Internal;

/// <summary>Represents a type of file with its canonical content type and the file extension that the store uses.</summary>
internal sealed record FileType(string ContentType, string Extension);
