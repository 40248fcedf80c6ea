namespace SessionRecovery.Credits;

/// <summary>The answer of a paid request, kept with its capture so that a repeat gets the same one. Never a cookie.</summary>
public sealed class StoredResponse
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBodyLength = 64 * 1024;

    /// <summary>Creates a stored answer.</summary>
    /// <param name="statusCode">200 to 399.</param>
    /// <param name="contentType">The content type, at most 255 characters.</param>
    /// <param name="location">The Location header, at most 2,048 characters.</param>
    /// <param name="body">At most 64 KiB; <see langword="null"/> when it was larger, streamed, or has been cleared since.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value outside these limits.</exception>
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

    /// <summary>The HTTP status, 200 to 399.</summary>
    public int StatusCode { get; }

    /// <summary>The content type, if there was one.</summary>
    public string? ContentType { get; }

    /// <summary>The Location header, if there was one.</summary>
    public string? Location { get; }

    /// <summary>The body; <see langword="null"/> when it was larger, streamed, or has been cleared since.</summary>
    public ReadOnlyMemory<byte>? Body { get; }
}
