using SessionRecovery.Files.Internal;

namespace SessionRecovery.Files;

/// <summary>Represents a stored file of a user, as the manifest describes the file. The type is immutable.</summary>
public sealed record StoredFile
{
    /// <summary>The maximum length of a store's file name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The maximum length of a display name, in characters.</summary>
    public const int MaxDisplayNameLength = 255;

    /// <summary>
    /// Gets the file name that the store created. The name is safe in a path and in a URL, is unique for the user, and has at most
    /// <see cref="MaxNameLength"/> characters.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the file name that the user chose, for display only. The name may be in any script, contains no folders or control characters,
    /// and has at most <see cref="MaxDisplayNameLength"/> characters. The default is an empty string, which means that the user gave no
    /// name.
    /// </summary>
    public string DisplayName { get; init; } = string.Empty;

    /// <summary>Gets the size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Gets the SHA-256 of the content in lower-case hexadecimal. HTTP responses use the hash as the ETag.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Gets the content type, which the store detected from the first bytes.</summary>
    public required string ContentType { get; init; }

    /// <summary>Gets the time at which the file was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Returns a value that indicates whether a store could have created the name. A valid name consists of lower-case letters, digits and
    /// hyphens, followed by one extension. A valid name is not the name of a Windows device. A store treats a file with an invalid name as
    /// a missing file.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns><see langword="true"/> if the name is valid.</returns>
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
    /// <returns>
    /// The canonical name, or <see langword="null"/> if the content type is unknown. A known content type is not necessarily allowed.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="contentType"/> is <see langword="null"/>.</exception>
    public static string? NormalizeContentType(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return FileTypes.Find(MediaTypeName.Parse(contentType))?.ContentType;
    }

    /// <summary>
    /// Returns a value that indicates whether the file was uploaded with the given idempotency key
    /// (<see cref="FileUpload.IdempotencyKey"/>). The file name contains a hash of the key.
    /// </summary>
    /// <param name="idempotencyKey">The idempotency key.</param>
    /// <returns><see langword="true"/> if the file was uploaded with the key.</returns>
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
