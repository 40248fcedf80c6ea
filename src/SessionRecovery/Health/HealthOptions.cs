namespace SessionRecovery.Health;

/// <summary>Options for session health checks. The values come from the configuration section <c>SessionRecovery:Health</c>.</summary>
public sealed class HealthOptions
{
    /// <summary>Gets or sets the timeout of each probe. The default is 2 seconds; valid values are 50 milliseconds to 1 minute.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets how long a client must wait before the next check if the status was <see cref="SessionHealthStatus.Inconclusive"/>. The
    /// default is 2 seconds; valid values are 0 to 10 minutes.
    /// </summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
