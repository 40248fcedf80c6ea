using SessionRecovery.Files.Internal;

namespace SessionRecovery.Files;

/// <summary>The content types that may be stored: types that a browser plays or shows without running anything.</summary>
public static class FileContentTypes
{
    /// <summary>Returns the canonical name of an allowed content type, for example <c>audio/wav</c> for <c>audio/x-wav; charset=binary</c>.</summary>
    /// <param name="contentType">The content type, with or without parameters.</param>
    /// <returns>The canonical name; <see langword="null"/> if the type is not allowed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="contentType"/> is <see langword="null"/>.</exception>
    public static string? Normalize(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return FileTypes.Find(contentType)?.ContentType;
    }
}
