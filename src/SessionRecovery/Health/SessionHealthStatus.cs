namespace SessionRecovery.Health;

/// <summary>Specifies the health of a session.</summary>
public enum SessionHealthStatus
{
    /// <summary>
    /// The health could not be determined, for example because of an outage or a timeout. This status never causes a recovery or a
    /// sign-out.
    /// </summary>
    Inconclusive = 0,

    /// <summary>The session is valid, and all probes succeeded.</summary>
    Healthy,

    /// <summary>The token verifier or the credit store rejected the session's token. Only this status may start a recovery.</summary>
    Unhealthy,
}
