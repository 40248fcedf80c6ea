namespace SessionRecovery.Warming;

/// <summary>How the cache is warmed after a start. Bound from <c>SessionRecovery:Warming</c>.</summary>
public sealed class WarmingOptions
{
    /// <summary>Off, the cache fills as users come. On by default.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most users. 1 to 10,000; 50 by default.</summary>
    public int Users { get; set; } = 50;

    /// <summary>How far back a user counts as active. 1 min to 30 days; 24 h by default.</summary>
    public TimeSpan ActiveWithin { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The time for a warm-up. 50 ms to 5 min; 5 s by default.</summary>
    public TimeSpan TimeBudget { get; set; } = TimeSpan.FromSeconds(5);
}
