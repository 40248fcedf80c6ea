using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Reads the JSON bodies of requests to SessionRecovery endpoints. The length of a body is checked before it is parsed.</summary>
internal static class RequestBody
{
    // The maximum length of a request body in bytes. A JSON body with the longest possible token is shorter than this limit.
    private const int MaxLength = 20 * 1024;

    /// <summary>
    /// Returns the parsed value, or a problem if the body is not valid. The value is <see langword="null"/> if the body is empty.
    /// </summary>
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
