namespace SessionRecovery.Files.Internal;

/// <summary>Decides whether a file is accepted. Its first bytes decide its type; the declared type only has to be compatible.</summary>
internal static class FileTypePolicy
{
    /// <summary>Returns the type of the file, and whether it is accepted.</summary>
    /// <param name="firstBytes">The first bytes of the file.</param>
    /// <param name="declared">The declared content type.</param>
    /// <param name="options">The types that the host accepts besides the default ones.</param>
    public static (FileType Type, bool IsAccepted) Decide(ReadOnlySpan<byte> firstBytes, string declared, UserFileOptions options)
    {
        var name = MediaTypeName.Parse(declared);
        var (type, alternative) = FileSignatures.Detect(firstBytes);
        var known = FileTypes.Find(name);
        if (alternative is not null && known == alternative && IsAllowed(alternative, options))
        {
            return (alternative, true);
        }

        if (IsAllowed(type, options) && IsCompatible(name, known, type))
        {
            return (type, true);
        }

        return MayRefine(name, known, type) && IsAllowed(known ?? new FileType(name, FileTypes.Unknown.Extension), options)
            ? (known ?? new FileType(name, FileTypes.Unknown.Extension), true)
            : (type, false);
    }

    private static bool IsAllowed(FileType type, UserFileOptions options) =>
        FileTypes.Defaults.Contains(type) || options.AllowedContentTypes.Any(allowed => IsSame(MediaTypeName.Parse(allowed), type));

    private static bool IsSame(string name, FileType type) =>
        FileTypes.Find(name) is { } known ? known == type : string.Equals(name, type.ContentType, StringComparison.Ordinal);

    private static bool IsCompatible(string name, FileType? known, FileType type)
    {
        var declared = known?.ContentType ?? name;
        return known == type || MediaTypeName.IsGeneric(name) || (IsMedia(declared) && IsMedia(type.ContentType))
            || (IsImage(declared) && IsImage(type.ContentType));
    }

    /// <summary>
    /// Returns whether the bytes show only a wrapping (text, XML, a ZIP archive) or nothing, so that the declaration may name the content.
    /// A type that has first bytes of its own must show them.
    /// </summary>
    private static bool MayRefine(string name, FileType? known, FileType type)
    {
        if (MediaTypeName.IsGeneric(name))
        {
            return false;
        }

        if (type == FileTypes.PlainText || type == FileTypes.Xml)
        {
            return known is null
                ? !IsMedia(name) && (!IsImage(name) || name.EndsWith("+xml", StringComparison.Ordinal))
                : known == FileTypes.Html || known == FileTypes.Svg || known == FileTypes.Xml || known == FileTypes.PlainText
                    || known == FileTypes.Script;
        }

        return known is null
            && (type == FileTypes.Unknown
                ? !name.StartsWith("text/", StringComparison.Ordinal)
                : type == FileTypes.Zip && name.StartsWith("application/", StringComparison.Ordinal));
    }

    private static bool IsMedia(string name) =>
        name.StartsWith("audio/", StringComparison.Ordinal) || name.StartsWith("video/", StringComparison.Ordinal);

    private static bool IsImage(string name) => name.StartsWith("image/", StringComparison.Ordinal);
}
