namespace SessionRecovery.Health;

/// <summary>The answer to a question about a session's health.</summary>
public enum SessionHealthStatus
{
    /// <summary>Could not tell: an outage, a time-out, a slow store. Never a reason to recover or to sign out.</summary>
    Inconclusive = 0,

    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>The authority or the credit store refused the sign-in. Only this may start a recovery.</summary>
    Unhealthy,
}
