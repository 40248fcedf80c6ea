namespace SessionRecovery.Sessions;

/// <summary>Specifies the result of a token verification.</summary>
public enum TokenVerificationStatus
{
    /// <summary>The token could not be verified, for example during an outage. This status never causes a sign-out.</summary>
    Unavailable = 0,

    /// <summary>The token is valid.</summary>
    Valid,

    /// <summary>The issuer rejected the token.</summary>
    Rejected,
}
