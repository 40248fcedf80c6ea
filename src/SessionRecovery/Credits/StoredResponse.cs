namespace SessionRecovery.Credits;

/// <summary>
/// The response of a paid request, stored with its capture so that a repeat of the request receives the same response. Never contains a
/// cookie.
/// </summary>
public sealed class StoredResponse
{
    /// <summary>The maximum length of a stored body, in bytes.</summary>
    public const int MaxBodyLength = 64 * 1024;

    /// <summary>Creates a stored response.</summary>
    /// <param name="statusCode">The HTTP status code, 200 to 399.</param>
    /// <param name="contentType">The content type, at most 255 characters.</param>
    /// <param name="location">The <c>Location</c> header, at most 2,048 characters.</param>
    /// <param name="body">
    /// The body, at most 64 KiB; <see langword="null"/> if it was larger, was streamed, or has been cleared since.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside these limits.</exception>
    public StoredResponse(int statusCode, string? contentType, string? location, byte[]? body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 399);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentType?.Length ?? 0, 255, nameof(contentType));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(location?.Length ?? 0, 2048, nameof(location));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body?.Length ?? 0, MaxBodyLength, nameof(body));
        StatusCode = statusCode;
        ContentType = contentType;
        Location = location;
        Body = body is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(body);
    }

    /// <summary>Gets the HTTP status code, 200 to 399.</summary>
    public int StatusCode { get; }

    /// <summary>Gets the content type; <see langword="null"/> if there was none.</summary>
    public string? ContentType { get; }

    /// <summary>Gets the <c>Location</c> header; <see langword="null"/> if there was none.</summary>
    public string? Location { get; }

    /// <summary>Gets the body; <see langword="null"/> if it was larger than 64 KiB, was streamed, or has been cleared since.</summary>
    public ReadOnlyMemory<byte>? Body { get; }
}
