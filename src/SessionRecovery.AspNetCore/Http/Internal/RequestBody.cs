using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Reads the small JSON bodies of our endpoints. The length is limited before parsing.</summary>
internal static class RequestBody
{
    // The maximum length of a body: a token of the maximum length and the JSON that surrounds it.
    private const int MaxLength = 20 * 1024;

    /// <summary>Returns the value (<see langword="null"/> for an empty body), or the problem with the body.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadJsonAsync<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var buffer = new byte[MaxLength + 1];
            var aborted = request.HttpContext.RequestAborted;
            var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, aborted)
                .ConfigureAwait(false);
            if (length > MaxLength)
            {
                return (null, Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge));
            }

            if (length == 0)
            {
                return (null, null);
            }

            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), type) is { } value ? (value, null) : (null, Problems.MalformedJson);
        }
        catch (JsonException)
        {
            return (null, Problems.MalformedJson);
        }
        catch (BadHttpRequestException exception)
        {
            return (null, Problems.BodyRejected(exception.StatusCode));
        }
    }
}
