namespace SessionRecovery.Health;

/// <summary>A probe's answer.</summary>
/// <param name="Status">The answer; the default could not tell.</param>
/// <param name="Reason">A short stable code in snake_case, for programs and dashboards; never a secret, an id or a message of an exception.</param>
public readonly record struct ProbeResult(SessionHealthStatus Status, string? Reason = null)
{
    /// <summary>All is well.</summary>
    public static ProbeResult Healthy => new(SessionHealthStatus.Healthy);

    /// <summary>Could not tell.</summary>
    public static ProbeResult Inconclusive(string reason) => new(SessionHealthStatus.Inconclusive, reason);

    /// <summary>The sign-in was refused, on the authority's own word.</summary>
    public static ProbeResult Unhealthy(string reason) => new(SessionHealthStatus.Unhealthy, reason);
}
