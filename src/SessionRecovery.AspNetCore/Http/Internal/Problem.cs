using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Represents RFC 9457 problem details with a stable <see cref="Code"/>, and writes them as a response. The host's JSON settings do not
/// affect the response.
/// </summary>
internal sealed record Problem(int Status, string Code, string Title) : IResult
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "about:blank";

    public string? Detail { get; init; }

    public long? Required { get; init; }

    public long? Available { get; init; }

    /// <summary>Gets the fixed price of the endpoint.</summary>
    public long? Cost { get; init; }

    /// <summary>Gets the highest price of the request, if the price depends on the request.</summary>
    public long? Max { get; init; }

    /// <summary>Gets the content type that the store detected in the first bytes of a file.</summary>
    public string? ContentType { get; init; }

    /// <summary>Gets the content types that the host accepts.</summary>
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
