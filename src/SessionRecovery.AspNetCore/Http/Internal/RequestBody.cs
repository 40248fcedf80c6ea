using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Reads the small JSON bodies that our endpoints take, bounded before they are parsed.</summary>
internal static class RequestBody
{
    /// <summary>A token of the largest size with its JSON around it.</summary>
    private const int MaxLength = 20 * 1024;

    /// <summary>The value (<see langword="null"/> for no body at all), or the problem with the body.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadJsonAsync<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var buffer = new byte[MaxLength + 1];
            var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted).ConfigureAwait(false);
            if (length > MaxLength)
            {
                return (null, Problems.BodyRefused(StatusCodes.Status413PayloadTooLarge));
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
            return (null, Problems.BodyRefused(exception.StatusCode));
        }
    }
}
