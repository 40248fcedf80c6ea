namespace SessionRecovery.Files;

/// <summary>A user's file as its manifest row describes it. Immutable.</summary>
public sealed record StoredFile
{
    /// <summary>Gets the store's own name: safe in a path and a URL, unique for the user, at most 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Gets the SHA-256 of the content in lower-case hexadecimal. It is the ETag.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Gets the content type, one of the allowed types.</summary>
    public required string ContentType { get; init; }

    /// <summary>Gets the time at which the file was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
