namespace SessionRecovery.Sessions;

/// <summary>The authority's answer about one token. Expected outcomes are values; only misuse throws.</summary>
public readonly record struct SessionVerdict
{
    private SessionVerdict(SessionVerdictStatus status, UserId user, DateTimeOffset? expiresAt)
    {
        Status = status;
        User = user;
        ExpiresAt = expiresAt;
    }

    /// <summary>What was said. The default is <see cref="SessionVerdictStatus.Unavailable"/>.</summary>
    public SessionVerdictStatus Status { get; }

    /// <summary>Whose token it is; meaningful only when <see cref="Status"/> is <see cref="SessionVerdictStatus.Valid"/>.</summary>
    public UserId User { get; }

    /// <summary>When the token ends, when the authority says so.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>The token could not be checked.</summary>
    public static SessionVerdict Unavailable => default;

    /// <summary>The authority refused the token.</summary>
    public static SessionVerdict Refused => new(SessionVerdictStatus.Refused, default, null);

    /// <summary>The token is good.</summary>
    public static SessionVerdict Valid(UserId user, DateTimeOffset? expiresAt = null) => new(SessionVerdictStatus.Valid, user, expiresAt);
}
