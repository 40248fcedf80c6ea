namespace SessionRecovery.Warming;

/// <summary>The outcome of a warm-up.</summary>
public enum CacheWarmingOutcome
{
    /// <summary>The active users could not be read. Balances are read from the store on demand, as without a warm-up.</summary>
    Failed = 0,

    /// <summary>All users that the source listed were processed.</summary>
    Completed,

    /// <summary>The time budget ended first.</summary>
    TimedOut,

    /// <summary>Warming is disabled, or there is no source of active users.</summary>
    Skipped,
}
