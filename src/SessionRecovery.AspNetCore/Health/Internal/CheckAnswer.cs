using SessionRecovery.Health;

namespace SessionRecovery.AspNetCore.Health.Internal;

internal sealed record CheckAnswer(string Name, string Status, string? Reason, double DurationMs)
{
    public static CheckAnswer Of(SessionCheck check) =>
        new(check.Name, StatusOf(check.Status), check.Reason, Math.Round(check.Duration.TotalMilliseconds, 3));

    public static string StatusOf(SessionHealthStatus status) => status switch
    {
        SessionHealthStatus.Healthy => "healthy",
        SessionHealthStatus.Unhealthy => "unhealthy",
        _ => "inconclusive",
    };
}
