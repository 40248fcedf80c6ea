namespace SessionRecovery.Health;

/// <summary>How sessions are checked. Bound from <c>SessionRecovery:Health</c>.</summary>
public sealed class HealthOptions
{
    /// <summary>The time for each probe. 50 ms to 1 min; 2 s by default.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>When a client may ask again after an inconclusive answer. 0 to 10 min; 2 s by default.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
