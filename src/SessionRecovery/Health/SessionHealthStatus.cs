namespace SessionRecovery.Health;

/// <summary>The health of a session.</summary>
public enum SessionHealthStatus
{
    /// <summary>
    /// The probe could not tell: an outage, a timeout, a slow store. Never a reason to recover a session or to sign a user out.
    /// </summary>
    Inconclusive = 0,

    /// <summary>The session works.</summary>
    Healthy,

    /// <summary>The token verifier or the credit store rejected the session's token. Only this status may start a recovery.</summary>
    Unhealthy,
}
