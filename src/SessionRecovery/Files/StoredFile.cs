namespace SessionRecovery.Files;

/// <summary>A user's file, as its manifest row describes it. Immutable.</summary>
/// <param name="Name">The store's own name: safe in a path and a URL, unique for the user, at most 100 characters.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">The content's SHA-256 in lower-case hexadecimal; its ETag.</param>
/// <param name="ContentType">One of the allowed media types.</param>
/// <param name="CreatedAt">When it was stored.</param>
public sealed record StoredFile(string Name, long Size, string Sha256, string ContentType, DateTimeOffset CreatedAt);
