namespace SessionRecovery.Warming;

/// <summary>Specifies the outcome of a warm-up.</summary>
public enum CacheWarmingOutcome
{
    /// <summary>
    /// The active users could not be read. Balances are read from the store when users request them, as without a warm-up.
    /// </summary>
    Failed = 0,

    /// <summary>All users that the source listed were processed.</summary>
    Completed,

    /// <summary>The time budget was exceeded before all users were processed.</summary>
    TimedOut,

    /// <summary>The warm-up is disabled, or there is no source of active users.</summary>
    Skipped,
}
