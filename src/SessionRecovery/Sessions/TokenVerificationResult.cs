namespace SessionRecovery.Sessions;

/// <summary>
/// Represents the result of a token verification. The default value is <see cref="TokenVerificationStatus.Unavailable"/>.
/// </summary>
public readonly record struct TokenVerificationResult
{
    private TokenVerificationResult(TokenVerificationStatus status, UserId user, DateTimeOffset? expiresAt)
    {
        Status = status;
        User = user;
        ExpiresAt = expiresAt;
    }

    /// <summary>Gets the result for a token that could not be verified.</summary>
    public static TokenVerificationResult Unavailable => default;

    /// <summary>Gets the result for a token that its issuer rejected.</summary>
    public static TokenVerificationResult Rejected => new(TokenVerificationStatus.Rejected, default, null);

    /// <summary>Gets the status.</summary>
    public TokenVerificationStatus Status { get; }

    /// <summary>
    /// Gets the user of the token. The value is valid only if <see cref="Status"/> is <see cref="TokenVerificationStatus.Valid"/>.
    /// </summary>
    public UserId User { get; }

    /// <summary>Gets the time at which the token expires, or <see langword="null"/> if it is unknown.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Creates a result for a valid token.</summary>
    /// <param name="user">The user.</param>
    /// <param name="expiresAt">The time at which the token expires, or <see langword="null"/> if it is unknown.</param>
    /// <returns>The result.</returns>
    public static TokenVerificationResult Valid(UserId user, DateTimeOffset? expiresAt = null) =>
        new(TokenVerificationStatus.Valid, user, expiresAt);
}
