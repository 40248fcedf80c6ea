namespace SessionRecovery.Files.Internal;

/// <summary>Parses the declared type of an upload, which is text from the client.</summary>
internal static class MediaTypeName
{
    private const int MaxLength = 127;

    // Sent by browsers, phones and tools for a file whose type they do not know.
    private static readonly string[] Generic =
    [
        string.Empty, "application/octet-stream", "binary/octet-stream", "application/binary", "application/unknown",
        "application/x-unknown", "application/download", "application/x-download", "application/force-download", "unknown/unknown",
        "application/x-binary", "*/*",
    ];

    /// <summary>
    /// Returns type and subtype in lower case without parameters; an empty string for text that is not a content type.
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

    /// <summary>Returns whether the type says nothing about the file.</summary>
    public static bool IsGeneric(string mediaType) => Generic.Contains(mediaType, StringComparer.Ordinal);

    /// <summary>Returns whether the text is one content type without parameters and wildcards.</summary>
    public static bool IsName(string? text) =>
        text is not null && string.Equals(Parse(text), text.ToLowerInvariant(), StringComparison.Ordinal) && text.Length > 0
        && !text.Contains('*', StringComparison.Ordinal);

    private static bool IsToken(string text) => text.All(static character =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal));
}
