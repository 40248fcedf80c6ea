namespace SessionRecovery.Recovery;

/// <summary>How a recovery ended.</summary>
public enum SessionRecoveryOutcome
{
    /// <summary>The session could not be recovered now, or nobody could tell whether it needs it; nothing of it was lost.</summary>
    Failed = 0,

    /// <summary>The session was refused, and works again.</summary>
    Recovered,

    /// <summary>The session was healthy: nothing was changed.</summary>
    NotNeeded,
}
