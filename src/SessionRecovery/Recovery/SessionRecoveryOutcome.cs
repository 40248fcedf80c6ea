namespace SessionRecovery.Recovery;

/// <summary>Specifies the outcome of a recovery.</summary>
public enum SessionRecoveryOutcome
{
    /// <summary>The session could not be recovered, or its health was inconclusive. The cached data of the user is kept.</summary>
    Failed = 0,

    /// <summary>The session was unhealthy before the recovery and is healthy now.</summary>
    Recovered,

    /// <summary>The session was healthy, so nothing was changed.</summary>
    NotNeeded,
}
