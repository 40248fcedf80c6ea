using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// RFC 9457 problem details with a stable <see cref="Code"/>, and the result that writes them. The host's JSON settings do not change them.
/// </summary>
internal sealed record Problem(int Status, string Code, string Title) : IResult
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "about:blank";

    public string? Detail { get; init; }

    public long? Required { get; init; }

    public long? Available { get; init; }

    /// <summary>Gets the content type that the first bytes of a file show.</summary>
    public string? ContentType { get; init; }

    /// <summary>Gets the content types that are accepted.</summary>
    public IReadOnlyList<string>? Accepted { get; init; }

    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (RetryAfter is { } retryAfter)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return response.WriteBodyAsync(
            Status, JsonSerializer.SerializeToUtf8Bytes(this, ProblemJsonContext.Default.Problem), "application/problem+json");
    }
}
