namespace SessionRecovery.Warming;

/// <summary>How a warm-up ended.</summary>
public enum CacheWarmingOutcome
{
    /// <summary>The source could not be asked. Reads go to the store one by one, as without a warm-up.</summary>
    Failed = 0,

    /// <summary>All users that the source named have been looked at.</summary>
    Completed,

    /// <summary>The time budget ran out first.</summary>
    TimedOut,

    /// <summary>Switched off, or there is nothing to ask.</summary>
    Skipped,
}
