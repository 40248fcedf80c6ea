namespace SessionRecovery.Sessions;

/// <summary>The status of a token verification.</summary>
public enum TokenVerificationStatus
{
    /// <summary>The token could not be verified, for example during an outage. Never a reason to sign a user out.</summary>
    Unavailable = 0,

    /// <summary>The token is valid.</summary>
    Valid,

    /// <summary>The issuer rejected the token.</summary>
    Rejected,
}
