using SessionRecovery.Files.Internal;

namespace SessionRecovery.Files;

/// <summary>A user's file as its manifest row describes it. Immutable.</summary>
public sealed record StoredFile
{
    /// <summary>The maximum length of a name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The maximum length of a display name, in characters.</summary>
    public const int MaxDisplayNameLength = 255;

    /// <summary>
    /// Gets the store's own name: safe in a path and a URL, unique for the user, at most <see cref="MaxNameLength"/> characters.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the user's own name for the file, in any script, without folders and control characters: at most
    /// <see cref="MaxDisplayNameLength"/> characters, for display only. Empty (the default) if the user gave none.
    /// </summary>
    public string DisplayName { get; init; } = string.Empty;

    /// <summary>Gets the size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Gets the SHA-256 of the content in lower-case hexadecimal. It is the ETag.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Gets the content type, which the first bytes decided.</summary>
    public required string ContentType { get; init; }

    /// <summary>Gets the time at which the file was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Returns whether a store could have given the name: lower-case letters, digits and hyphens, then one extension. No separator, no
    /// second dot, no device name, nothing to escape. A store treats any other name as a file that does not exist.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether the name is valid.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    public static bool IsValidName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return name.Length <= MaxNameLength
            && dot is > 13
            && IsPlain(name.AsSpan(0, dot), allowHyphen: true)
            && IsPlain(name.AsSpan(dot + 1), allowHyphen: false);
    }

    /// <summary>
    /// Returns the canonical name of a known content type, for example <c>audio/wav</c> for <c>audio/x-wav; charset=binary</c>.
    /// </summary>
    /// <param name="contentType">The content type, with or without parameters.</param>
    /// <returns>The canonical name; <see langword="null"/> if the type is not known. A known type is not necessarily allowed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="contentType"/> is <see langword="null"/>.</exception>
    public static string? NormalizeContentType(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return FileTypes.Find(MediaTypeName.Parse(contentType))?.ContentType;
    }

    /// <summary>
    /// Returns whether the file was uploaded with the key, as <see cref="FileUpload.IdempotencyKey"/>. The name of the file shows it.
    /// </summary>
    /// <param name="idempotencyKey">The key.</param>
    /// <returns>Whether the file was uploaded with the key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="idempotencyKey"/> is <see langword="null"/>.</exception>
    public bool IsUploadedWith(string idempotencyKey)
    {
        ArgumentNullException.ThrowIfNull(idempotencyKey);
        return FileNames.IsCreatedWith(Name, idempotencyKey);
    }

    private static bool IsPlain(ReadOnlySpan<char> text, bool allowHyphen)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && !(allowHyphen && character == '-'))
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}
