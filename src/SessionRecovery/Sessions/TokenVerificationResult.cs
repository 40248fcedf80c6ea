namespace SessionRecovery.Sessions;

/// <summary>The authority's answer about one token. Expected outcomes are values; only misuse throws.</summary>
public readonly record struct TokenVerificationResult
{
    private TokenVerificationResult(TokenVerificationStatus status, UserId user, DateTimeOffset? expiresAt)
    {
        Status = status;
        User = user;
        ExpiresAt = expiresAt;
    }

    /// <summary>What was said. The default is <see cref="TokenVerificationStatus.Unavailable"/>.</summary>
    public TokenVerificationStatus Status { get; }

    /// <summary>Whose token it is; meaningful only when <see cref="Status"/> is <see cref="TokenVerificationStatus.Valid"/>.</summary>
    public UserId User { get; }

    /// <summary>When the token ends, when the authority says so.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>The token could not be checked.</summary>
    public static TokenVerificationResult Unavailable => default;

    /// <summary>The authority refused the token.</summary>
    public static TokenVerificationResult Rejected => new(TokenVerificationStatus.Rejected, default, null);

    /// <summary>The token is good.</summary>
    public static TokenVerificationResult Valid(UserId user, DateTimeOffset? expiresAt = null) => new(TokenVerificationStatus.Valid, user, expiresAt);
}
