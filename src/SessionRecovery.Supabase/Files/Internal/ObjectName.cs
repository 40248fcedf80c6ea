using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// The path of a file in the bucket: <c>{user}/{name}.{sha256}</c>. The policies check the folder. The hash is part of the name, because a
/// listing shows it nowhere else and the bucket then needs no separate manifest.
/// </summary>
internal static class ObjectName
{
    private const int HashLength = 64;

    /// <summary>
    /// Returns the user's folder; <see langword="null"/> for an id that is not a UUID, which could contain a path and which row-level
    /// security would accept.
    /// </summary>
    public static string? GetFolder(UserId user) => Guid.TryParseExact(user.Value, "D", out var id) ? id.ToString("D") : null;

    public static string Create(string name, string sha256) => $"{name}.{sha256}";

    /// <summary>Converts a row of a listing; <see langword="null"/> for an object that was not stored by this package.</summary>
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
