using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

internal static class ResponseExtensions
{
    public static Task WriteAsync<T>(this HttpResponse response, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json; charset=utf-8")
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }

    public static Task WriteAsync(this HttpResponse response, Problem problem)
    {
        if (problem.RetryAfter is { } retryAfter)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteAsync(problem.Status, problem, ProblemJsonContext.Default.Problem, "application/problem+json");
    }
}
