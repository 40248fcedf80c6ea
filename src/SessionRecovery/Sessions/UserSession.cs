namespace SessionRecovery.Sessions;

/// <summary>One signed-in user on one device, as one call sees it. Immutable and safe to share between threads.</summary>
public sealed class UserSession
{
    /// <summary>A session of a user whose sign-in the host has verified.</summary>
    /// <param name="user">The verified user.</param>
    /// <param name="token">The user's own access token, when the host's scheme has one (a cookie has none).</param>
    /// <param name="expiresAt">When the sign-in ends, when that is known.</param>
    /// <param name="tokenIsCredential">Whether it was <paramref name="token"/> that signed the user in; see <see cref="TokenIsCredential"/>.</param>
    public UserSession(UserId user, AccessToken? token = null, DateTimeOffset? expiresAt = null, bool tokenIsCredential = true)
        : this(user, token, expiresAt, tokenIsCredential, isServer: false)
    {
    }

    private UserSession(UserId user, AccessToken? token, DateTimeOffset? expiresAt, bool tokenIsCredential, bool isServer)
    {
        _ = user.Value;
        User = user;
        Token = token;
        ExpiresAt = expiresAt;
        TokenIsCredential = token is not null && tokenIsCredential;
        IsServer = isServer;
    }

    /// <summary>Whose session it is.</summary>
    public UserId User { get; }

    /// <summary>The user's own token. A provider that needs one and finds none answers <c>Unauthenticated</c>.</summary>
    public AccessToken? Token { get; }

    /// <summary>
    /// Whether <see cref="Token"/> is what the host's scheme verified. It is not where a cookie signs in and the token only rides along for
    /// reads: the authority is then not asked about it.
    /// </summary>
    public bool TokenIsCredential { get; }

    /// <summary>When the sign-in ends, when that is known.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Whether background work asks on the server's own behalf; see <see cref="AsServer"/>.</summary>
    public bool IsServer { get; }

    /// <summary>A session for background work, which has no signed-in user at hand and says so explicitly.</summary>
    public static UserSession AsServer(UserId user) => new(user, token: null, expiresAt: null, tokenIsCredential: false, isServer: true);

    /// <summary>The user's pseudonym; never the token.</summary>
    public override string ToString() => IsServer ? $"{User} (server)" : User.ToString();
}
