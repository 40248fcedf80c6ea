using Microsoft.AspNetCore.Http;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Reads the parts of a response that are stored for a repeated request.</summary>
internal static class PaidResponseStorage
{
    private const int MaxContentType = 255;
    private const int MaxLocation = 2048;

    private static readonly string[] ContentHeaders =
    [
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Location",
        "Content-Digest",
        "Repr-Digest",
        "ETag",
        "Last-Modified",
        "Link",
    ];

    /// <summary>
    /// Reads the status, the content type, the location, and the headers that describe the content. These values must be read before the
    /// first byte is sent, because middleware such as response compression changes the headers when the response starts. The body of a
    /// partial (range) response is not stored, and neither is a body whose headers are too long to be stored. A client that received such a
    /// body in a repeated response could misinterpret the bytes.
    /// </summary>
    public static StoredHead ReadHead(HttpResponse response)
    {
        var location = response.Headers.Location.ToString();
        var headers = CollectHeaders(response.Headers);
        var canStoreBody = headers is not null
            && location.Length <= MaxLocation
            && (response.ContentType?.Length ?? 0) <= MaxContentType
            && response.StatusCode != StatusCodes.Status206PartialContent;
        return new StoredHead(
            response.StatusCode,
            response.ContentType is { Length: <= MaxContentType } contentType ? contentType : null,
            location.Length is > 0 and <= MaxLocation ? location : null,
            headers ?? [],
            canStoreBody);
    }

    private static Dictionary<string, string>? CollectHeaders(IHeaderDictionary response)
    {
        var headers = new Dictionary<string, string>();
        foreach (var name in ContentHeaders)
        {
            if (response.TryGetValue(name, out var values) && values.Count > 0)
            {
                headers[name] = values.ToString();
            }
        }

        return headers.Sum(static header => header.Key.Length + header.Value.Length) <= StoredResponse.MaxHeadersLength ? headers : null;
    }
}
