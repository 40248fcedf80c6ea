using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Where a file lies in the bucket: <c>{user}/{name}.{sha256}</c>. The folder is what the policies look at; the hash in the name is the
/// only place where a listing shows it, so that no manifest of our own is needed.
/// </summary>
internal static class ObjectName
{
    private const int HashLength = 64;

    /// <summary>
    /// The user's folder; <see langword="null"/> for an id that is no UUID: it could climb out of its folder, and row-level security would
    /// let it.
    /// </summary>
    public static string? GetFolder(UserId user) => Guid.TryParseExact(user.Value, "D", out var id) ? id.ToString("D") : null;

    public static string Create(string name, string sha256) => $"{name}.{sha256}";

    /// <summary>Reads a row of a listing; <see langword="null"/> for an object that is none of ours.</summary>
    public static StoredFile? Read(ObjectRow row)
    {
        if (row is not { Name: { } key, CreatedAt: { } createdAt, Metadata: { Size: { } size, Mimetype: { } type } }
            || key.Length <= HashLength + 1
            || key[^(HashLength + 1)] != '.')
        {
            return null;
        }

        var name = key[..^(HashLength + 1)];
        var hash = key[^HashLength..];
        return StoredFile.IsValidName(name) && IsHash(hash) && StoredFile.NormalizeContentType(type) is { } contentType
            ? new StoredFile { Name = name, Size = size, Sha256 = hash, ContentType = contentType, CreatedAt = createdAt }
            : null;
    }

    private static bool IsHash(string text) => text.All(static character => char.IsAsciiHexDigitLower(character));
}
