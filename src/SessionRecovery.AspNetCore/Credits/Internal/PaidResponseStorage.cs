using Microsoft.AspNetCore.Http;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Converts a response to the stored form that a repeat receives.</summary>
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
    /// Creates the stored form: status, content type, location, the headers that describe the content, and the body. The body of a range,
    /// or of a response whose headers are too long, is not stored, because a repeat could mistake it for the whole response.
    /// </summary>
    public static StoredResponse Create(HttpResponse response, byte[]? body)
    {
        var location = response.Headers.Location.ToString();
        var headers = CollectHeaders(response.Headers);
        var isComplete = headers is not null
            && location.Length <= MaxLocation
            && (response.ContentType?.Length ?? 0) <= MaxContentType
            && response.StatusCode != StatusCodes.Status206PartialContent;
        return new StoredResponse(
            response.StatusCode,
            response.ContentType is { Length: <= MaxContentType } contentType ? contentType : null,
            location.Length is > 0 and <= MaxLocation ? location : null,
            isComplete ? body : null)
        {
            Headers = headers ?? [],
        };
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
