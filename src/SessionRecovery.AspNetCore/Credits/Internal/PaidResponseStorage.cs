using Microsoft.AspNetCore.Http;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Converts between a response and the stored form that a repeat receives.</summary>
internal static class PaidResponseStorage
{
    private const int MaxContentType = 255;
    private const int MaxLocation = 2048;

    /// <summary>
    /// Returns whether a repeat can receive the same body. The stored form has status, content type, location and body; a response that
    /// requires another header is not stored.
    /// </summary>
    public static bool CanStoreBody(HttpResponse response) =>
        response.Headers.ContentEncoding.Count == 0 && response.Headers.Location.ToString().Length <= MaxLocation;

    public static StoredResponse Create(HttpResponse response, byte[]? body)
    {
        var location = response.Headers.Location.ToString();
        return new StoredResponse(
            response.StatusCode,
            response.ContentType is { Length: <= MaxContentType } contentType ? contentType : null,
            location.Length is > 0 and <= MaxLocation ? location : null,
            body);
    }
}
