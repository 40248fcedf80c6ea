using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// The path of a file in the bucket: <c>{user}/{name}.{sha256}.{display name}</c>. The policies check the folder. The hash and the user's
/// own name (in base64url) are part of the object's name, because a listing shows them nowhere else: it leaves the user metadata out. The
/// bucket then needs no separate manifest.
/// </summary>
internal static class ObjectName
{
    /// <summary>
    /// The maximum length of a display name in UTF-8. The object's name then has at most 255 characters, which is the limit of a file
    /// system below Storage.
    /// </summary>
    public const int MaxDisplayNameBytes = 96;

    private const int HashLength = 64;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Returns the user's folder; <see langword="null"/> for an id that is not a UUID, which could contain a path and which row-level
    /// security would accept.
    /// </summary>
    public static string? GetFolder(UserId user) => Guid.TryParseExact(user.Value, "D", out var id) ? id.ToString("D") : null;

    public static string Create(StoredFile file) => file.DisplayName.Length == 0
        ? $"{file.Name}.{file.Sha256}"
        : $"{file.Name}.{file.Sha256}.{Base64Url.EncodeToString(Utf8.GetBytes(file.DisplayName))}";

    /// <summary>Shortens a display name to the length that fits into the object's name. A short extension remains.</summary>
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

    /// <summary>Converts a row of a listing; <see langword="null"/> for an object that was not stored by this package.</summary>
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
