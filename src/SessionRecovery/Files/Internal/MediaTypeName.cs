namespace SessionRecovery.Files.Internal;

/// <summary>Parses the content type that a client declared for an upload.</summary>
internal static class MediaTypeName
{
    private const int MaxLength = 127;

    // The content types that browsers, phones and command-line tools send for files whose type they do not know.
    private static readonly string[] Generic =
    [
        string.Empty, "application/octet-stream", "binary/octet-stream", "application/binary", "application/unknown",
        "application/x-unknown", "application/download", "application/x-download", "application/force-download", "unknown/unknown",
        "application/x-binary", "*/*",
    ];

    /// <summary>
    /// Returns the type and the subtype in lower case without parameters. Returns an empty string if the text is not a content type.
    /// </summary>
    public static string Parse(string contentType)
    {
        var parameters = contentType.IndexOf(';', StringComparison.Ordinal);
        var name = (parameters < 0 ? contentType : contentType[..parameters]).Trim();
        return name.Length <= MaxLength
            && name.Split('/') is [{ Length: > 0 } type, { Length: > 0 } subtype]
            && IsToken(type)
            && IsToken(subtype)
            ? name.ToLowerInvariant()
            : string.Empty;
    }

    /// <summary>Returns a value that indicates whether the content type is a generic type, which does not describe the file.</summary>
    public static bool IsGeneric(string mediaType) => Generic.Contains(mediaType, StringComparer.Ordinal);

    /// <summary>Returns a value that indicates whether the text is a single content type without parameters and wildcards.</summary>
    public static bool IsName(string? text) =>
        text is not null && string.Equals(Parse(text), text.ToLowerInvariant(), StringComparison.Ordinal) && text.Length > 0
        && !text.Contains('*', StringComparison.Ordinal);

    private static bool IsToken(string text) => text.All(static character =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal));
}
