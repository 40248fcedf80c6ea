using System.Security.Cryptography;

namespace SessionRecovery.Files.Internal;

/// <summary>The store's own names: lower-case letters, digits and hyphens, then one extension. Anything else is no file's name.</summary>
internal static class FileName
{
    private const int MaxStem = 40;
    private const int MaxLength = 100;

    /// <summary>A safe and unique name that still reminds the user of the file.</summary>
    public static string Create(string userFileName, string extension)
    {
        var stem = new string(Path.GetFileNameWithoutExtension(userFileName)
            .Take(200)
            .Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-')
            .ToArray());
        stem = string.Join('-', stem.Split('-', StringSplitOptions.RemoveEmptyEntries));
        stem = stem.Length == 0 ? "file" : stem[..Math.Min(stem.Length, MaxStem)].TrimEnd('-');
        return $"{stem}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}{extension}";
    }

    /// <summary>Whether the store could have given this name: no separator, no second dot, no device name, nothing to escape.</summary>
    public static bool IsValid(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return name.Length <= MaxLength
            && dot is > 13
            && IsPlain(name.AsSpan(0, dot), allowHyphen: true)
            && IsPlain(name.AsSpan(dot + 1), allowHyphen: false);
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
