using SessionRecovery.Health;

namespace SessionRecovery.AspNetCore.Health.Internal;

internal sealed record HealthCheckResponse(string Name, string Status, string? Reason, double DurationMs)
{
    public static HealthCheckResponse Of(SessionHealthReportEntry check) =>
        new(check.Name, ToStatus(check.Status), check.Reason, Math.Round(check.Duration.TotalMilliseconds, 3));

    public static string ToStatus(SessionHealthStatus status) => status switch
    {
        SessionHealthStatus.Healthy => "healthy",
        SessionHealthStatus.Unhealthy => "unhealthy",
        _ => "inconclusive",
    };
}
