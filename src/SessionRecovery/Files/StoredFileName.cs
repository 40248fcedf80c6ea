using System.Security.Cryptography;

namespace SessionRecovery.Files;

/// <summary>Creates and validates the names under which a file store keeps files: lower-case letters, digits and hyphens, then one extension.</summary>
public static class StoredFileName
{
    /// <summary>The maximum length of a name, in characters.</summary>
    public const int MaxLength = 100;

    private const int MaxStem = 40;

    /// <summary>Creates a name that is safe in a path and a URL, unique, and similar to the user's own name.</summary>
    /// <param name="userFileName">The user's name for the file; may be empty or contain any character.</param>
    /// <param name="extension">The extension with its dot, for example <c>.wav</c>.</param>
    /// <returns>The name, with 48 random bits.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static string Create(string userFileName, string extension)
    {
        ArgumentNullException.ThrowIfNull(userFileName);
        ArgumentNullException.ThrowIfNull(extension);
        var stem = new string(Path.GetFileNameWithoutExtension(userFileName)
            .Take(200)
            .Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-')
            .ToArray());
        stem = string.Join('-', stem.Split('-', StringSplitOptions.RemoveEmptyEntries));
        stem = stem.Length == 0 ? "file" : stem[..Math.Min(stem.Length, MaxStem)].TrimEnd('-');
        return $"{stem}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}{extension}";
    }

    /// <summary>Returns whether <see cref="Create"/> could have created the name: no separator, no second dot, no device name, nothing to escape.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether the name is valid. A store treats any other name as a file that does not exist.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
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
