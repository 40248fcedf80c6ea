namespace SessionRecovery.Recovery;

/// <summary>The outcome of a recovery.</summary>
public enum SessionRecoveryOutcome
{
    /// <summary>The session could not be recovered, or its health was inconclusive. Nothing was lost.</summary>
    Failed = 0,

    /// <summary>The session was unhealthy and works again.</summary>
    Recovered,

    /// <summary>The session was healthy; nothing was changed.</summary>
    NotNeeded,
}
