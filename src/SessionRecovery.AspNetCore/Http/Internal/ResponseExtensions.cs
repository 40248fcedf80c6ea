using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.AspNetCore.Http.Internal;

internal static class ResponseExtensions
{
    /// <summary>Writes a response with a JSON body.</summary>
    public static Task WriteJsonAsync<T>(this HttpResponse response, int statusCode, T value)
    {
        var json = response.HttpContext.RequestServices.GetRequiredService<SessionRecoveryJson>();
        return response.WriteBodyAsync(
            statusCode, JsonSerializer.SerializeToUtf8Bytes(value, json.GetTypeInfo<T>()), "application/json; charset=utf-8");
    }

    public static Task WriteBodyAsync(this HttpResponse response, int statusCode, ReadOnlyMemory<byte> body, string contentType)
    {
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }
}
