using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Creates and parses the path of a file in the bucket: <c>{user}/{name}.{sha256}.{display name}</c>. Row-level security policies check the
/// user's folder. The path contains the hash and the display name (in base64url), because Storage does not include user metadata when it
/// lists objects. The bucket therefore needs no separate manifest.
/// </summary>
internal static class ObjectName
{
    /// <summary>
    /// The maximum length of a display name in UTF-8 bytes. With this limit the object name has at most 255 characters, which is the limit
    /// of common file systems.
    /// </summary>
    public const int MaxDisplayNameBytes = 96;

    private const int HashLength = 64;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Returns the name of the user's folder. Returns <see langword="null"/> for a user id that is not a UUID, because such an id could
    /// contain path separators.
    /// </summary>
    public static string? GetFolder(UserId user) => Guid.TryParseExact(user.Value, "D", out var id) ? id.ToString("D") : null;

    public static string Create(StoredFile file) => file.DisplayName.Length == 0
        ? $"{file.Name}.{file.Sha256}"
        : $"{file.Name}.{file.Sha256}.{Base64Url.EncodeToString(Utf8.GetBytes(file.DisplayName))}";

    /// <summary>Shortens a display name to the length that fits into the object name. A short file extension is kept.</summary>
    public static string Shorten(string displayName)
    {
        if (Utf8.GetByteCount(displayName) <= MaxDisplayNameBytes)
        {
            return displayName;
        }

        var extension = Path.GetExtension(displayName);
        extension = Utf8.GetByteCount(extension) <= 20 ? extension : string.Empty;
        var room = MaxDisplayNameBytes - Utf8.GetByteCount(extension);
        var stem = new StringBuilder();
        foreach (var rune in displayName.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            stem.Append(rune);
        }

        return stem.Append(extension).ToString();
    }

    /// <summary>
    /// Converts a listed object to a <see cref="StoredFile"/>. Returns <see langword="null"/> for an object that this package did not
    /// store.
    /// </summary>
    public static StoredFile? Read(ObjectRow row)
    {
        if (row is not { Name: { } key, CreatedAt: { } createdAt, Metadata: { Size: { } size, Mimetype: { } type } }
            || key.Split('.') is not [var stem, var extension, var hash, .. var rest]
            || rest.Length > 1
            || !MediaTypeHeaderValue.TryParse(type, out var contentType))
        {
            return null;
        }

        var name = $"{stem}.{extension}";
        return StoredFile.IsValidName(name) && IsHash(hash) && ReadDisplayName(rest) is { } displayName
            ? new StoredFile
            {
                Name = name,
                DisplayName = displayName,
                Size = size,
                Sha256 = hash,
                ContentType = contentType.MediaType!,
                CreatedAt = createdAt,
            }
            : null;
    }

    private static string? ReadDisplayName(string[] rest)
    {
        if (rest is not [var encoded])
        {
            return string.Empty;
        }

        try
        {
            return Utf8.GetString(Base64Url.DecodeFromChars(encoded));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigitLower);
}
