namespace SessionRecovery.Health;

/// <summary>The health of a session.</summary>
public enum SessionHealthStatus
{
    /// <summary>
    /// The probe could not determine the health, for example because of an outage or a timeout. It never causes a recovery or a sign-out.
    /// </summary>
    Inconclusive = 0,

    /// <summary>The session works.</summary>
    Healthy,

    /// <summary>The token verifier or the credit store rejected the session's token. Only this status may start a recovery.</summary>
    Unhealthy,
}
