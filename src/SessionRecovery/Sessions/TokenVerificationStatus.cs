namespace SessionRecovery.Sessions;

/// <summary>The status of a token verification.</summary>
public enum TokenVerificationStatus
{
    /// <summary>The token could not be verified, for example during an outage. It never causes a sign-out.</summary>
    Unavailable = 0,

    /// <summary>The token is valid.</summary>
    Valid,

    /// <summary>The issuer rejected the token.</summary>
    Rejected,
}
