namespace SessionRecovery.Sessions;

/// <summary>What the authority says of a token.</summary>
public enum TokenVerificationStatus
{
    /// <summary>It could not be asked: an outage, never a reason to sign anyone out.</summary>
    Unavailable = 0,

    /// <summary>The token is good.</summary>
    Valid,

    /// <summary>The authority refused the token.</summary>
    Rejected,
}
