namespace SessionRecovery.Health;

/// <summary>The answers of all probes about one session.</summary>
/// <param name="Checks">One for each probe, in the order of registration.</param>
public sealed record SessionHealthReport(IReadOnlyList<SessionHealthReportEntry> Checks)
{
    /// <summary>Unhealthy if any probe says so, else inconclusive if any could not tell (or none was asked), else healthy.</summary>
    public SessionHealthStatus Status { get; } = Worst(Checks);

    private static SessionHealthStatus Worst(IReadOnlyList<SessionHealthReportEntry> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        if (checks.Any(check => check.Status == SessionHealthStatus.Unhealthy))
        {
            return SessionHealthStatus.Unhealthy;
        }

        return checks.Count > 0 && checks.All(check => check.Status == SessionHealthStatus.Healthy)
            ? SessionHealthStatus.Healthy
            : SessionHealthStatus.Inconclusive;
    }
}
