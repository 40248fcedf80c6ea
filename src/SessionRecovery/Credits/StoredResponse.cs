using System.Collections.Frozen;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents the response to a paid request. The response is stored when the credits are captured, so that a repeated request receives the
/// same response. A stored response never contains a cookie.
/// </summary>
public sealed class StoredResponse
{
    /// <summary>The maximum length of a stored body, in bytes: 1 MiB.</summary>
    public const int MaxBodyLength = 1024 * 1024;

    /// <summary>The maximum number of <see cref="Headers"/>.</summary>
    public const int MaxHeaders = 16;

    /// <summary>The maximum total length of all names and values of <see cref="Headers"/>, in characters.</summary>
    public const int MaxHeadersLength = 4096;

    private static readonly FrozenDictionary<string, string> NoHeaders =
        FrozenDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates a stored response.</summary>
    /// <param name="statusCode">The HTTP status code, 200 to 399.</param>
    /// <param name="contentType">The content type, at most 255 characters.</param>
    /// <param name="location">The <c>Location</c> header, at most 2,048 characters.</param>
    /// <param name="body">
    /// The body, at most 1 MiB. The value is <see langword="null"/> if the body was larger than the host stores, or if it was deleted
    /// later.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
    public StoredResponse(int statusCode, string? contentType, string? location, byte[]? body)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 399);
        CommandArguments.CheckLength(contentType, 255, nameof(contentType));
        CommandArguments.CheckLength(location, 2048, nameof(location));
        if (body?.Length > MaxBodyLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(body), $"The body has {body.Length} bytes, and the maximum is {MaxBodyLength} bytes.");
        }

        StatusCode = statusCode;
        ContentType = contentType;
        Location = location;
        Body = body is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(body);
    }

    /// <summary>Gets the HTTP status code, 200 to 399.</summary>
    public int StatusCode { get; }

    /// <summary>Gets the content type, or <see langword="null"/> if the response had no content type.</summary>
    public string? ContentType { get; }

    /// <summary>Gets the <c>Location</c> header, or <see langword="null"/> if the response had no such header.</summary>
    public string? Location { get; }

    /// <summary>
    /// Gets the other headers that describe the content, such as <c>Content-Disposition</c> and <c>ETag</c>. Header names are
    /// case-insensitive. The default is empty.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There are more than <see cref="MaxHeaders"/> headers, the total length of names and values exceeds <see cref="MaxHeadersLength"/>,
    /// or a header sets a cookie.
    /// </exception>
    public IReadOnlyDictionary<string, string> Headers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count > MaxHeaders)
            {
                throw new ArgumentException($"A stored response has at most {MaxHeaders} headers.", nameof(value));
            }

            if (value.Sum(static header => header.Key.Length + header.Value.Length) > MaxHeadersLength)
            {
                throw new ArgumentException(
                    $"The headers of a stored response have at most {MaxHeadersLength} characters together.", nameof(value));
            }

            if (value.Keys.Any(static name => string.Equals(name, "Set-Cookie", StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException("A stored response must not set a cookie.", nameof(value));
            }

            field = value.Count == 0 ? NoHeaders : value.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        }
    } = NoHeaders;

    /// <summary>Gets the body, or <see langword="null"/> if the body was too large to be stored or was deleted later.</summary>
    public ReadOnlyMemory<byte>? Body { get; }
}
