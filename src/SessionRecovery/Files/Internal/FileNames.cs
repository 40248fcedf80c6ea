using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SessionRecovery.Files.Internal;

/// <summary>Creates the store's file name and the display name from the name that the user gave to the file.</summary>
internal static class FileNames
{
    private const int MaxStem = 40;
    private const int MaxExtension = 20;
    private const int UniqueBytes = 6;

    /// <summary>
    /// Returns the user's file name without folders, control characters and characters that change the text direction. The result has at
    /// most <see cref="StoredFile.MaxDisplayNameLength"/> characters, and is empty if no valid character is left.
    /// </summary>
    public static string ToDisplayName(string userFileName)
    {
        var last = userFileName.LastIndexOfAny(['/', '\\']);
        var name = new StringBuilder();
        foreach (var rune in userFileName.AsSpan(last + 1).EnumerateRunes())
        {
            if (IsVisible(rune))
            {
                name.Append(rune);
            }
        }

        var text = Shorten(name.ToString().Trim(), StoredFile.MaxDisplayNameLength);
        return text.All(static character => character == '.') ? string.Empty : text;
    }

    /// <summary>Creates a valid file name that is unique for the user and similar to the name that the user gave to the file.</summary>
    public static string Create(string userFileName, string extension, string? idempotencyKey)
    {
        var stem = new string(Path.GetFileNameWithoutExtension(userFileName)
            .Take(200)
            .Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-')
            .ToArray());
        stem = string.Join('-', stem.Split('-', StringSplitOptions.RemoveEmptyEntries));
        stem = stem.Length == 0 ? "file" : stem[..Math.Min(stem.Length, MaxStem)].TrimEnd('-');
        var unique = idempotencyKey is null
            ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(UniqueBytes))
            : GetUnique(idempotencyKey);
        return $"{stem}-{unique}{extension}";
    }

    /// <summary>Returns a value that indicates whether the file name was created with the given idempotency key.</summary>
    public static bool IsCreatedWith(string name, string idempotencyKey)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && name.AsSpan(0, dot).EndsWith($"-{GetUnique(idempotencyKey)}", StringComparison.Ordinal);
    }

    private static string GetUnique(string idempotencyKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)).AsSpan(0, UniqueBytes));

    private static string Shorten(string name, int length)
    {
        if (name.Length <= length)
        {
            return name;
        }

        var extension = Path.GetExtension(name);
        extension = extension.Length <= MaxExtension ? extension : string.Empty;
        var end = length - extension.Length;
        return name[..(char.IsHighSurrogate(name[end - 1]) ? end - 1 : end)] + extension;
    }

    // Joiners are kept although they are format characters, because Persian text and many emoji need them.
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D or (>= 0xE0020 and <= 0xE007F),
        _ => true,
    };
}
