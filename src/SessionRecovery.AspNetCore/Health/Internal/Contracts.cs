using SessionRecovery.Health;

namespace SessionRecovery.AspNetCore.Health.Internal;

/// <summary>Represents the response of <c>GET /session/health</c>.</summary>
internal sealed record HealthResponse(string Status, string Epoch, IReadOnlyList<HealthCheckResponse> Checks, long? RetryAfterMs);

/// <summary>Represents the result of one probe in the response.</summary>
internal sealed record HealthCheckResponse(string Name, string Status, string? Reason, double DurationMs)
{
    public static HealthCheckResponse Create(SessionHealthReportEntry entry) =>
        new(entry.Name, ToWireName(entry.Status), entry.Reason, Math.Round(entry.Duration.TotalMilliseconds, 3));

    public static string ToWireName(SessionHealthStatus status) => status switch
    {
        SessionHealthStatus.Healthy => "healthy",
        SessionHealthStatus.Unhealthy => "unhealthy",
        _ => "inconclusive",
    };
}
