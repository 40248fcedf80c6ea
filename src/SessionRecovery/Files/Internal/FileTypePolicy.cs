namespace SessionRecovery.Files.Internal;

/// <summary>
/// Decides whether an uploaded file is accepted. The first bytes determine the content type, and the declared type must be compatible with
/// it.
/// </summary>
internal static class FileTypePolicy
{
    /// <summary>Determines the content type of a file and whether the file is accepted.</summary>
    /// <param name="firstBytes">The first bytes of the file.</param>
    /// <param name="declared">The content type that the client declared.</param>
    /// <param name="options">The options that specify which content types the host accepts in addition to the default ones.</param>
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
    /// Returns a value that indicates whether the declared type may replace the detected type. The declared type is used if the first bytes
    /// show only a general format such as text, XML or ZIP, or no known format. If the declared type has its own signature, the first bytes
    /// must contain this signature.
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
