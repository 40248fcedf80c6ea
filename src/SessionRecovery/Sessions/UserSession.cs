namespace SessionRecovery.Sessions;

/// <summary>The session of one request: a signed-in user on one device. Immutable and thread-safe.</summary>
public sealed class UserSession
{
    /// <summary>Creates the session of a user whose sign-in the host has verified.</summary>
    /// <param name="user">The verified user.</param>
    /// <param name="token">The user's own access token, if the host's authentication scheme has one; a cookie scheme may have none.</param>
    /// <param name="expiresAt">The time at which the sign-in expires, if it is known.</param>
    /// <param name="tokenIsCredential">
    /// Whether <paramref name="token"/> was verified by the host; see <see cref="TokenIsCredential"/>.
    /// </param>
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

    /// <summary>Gets the user.</summary>
    public UserId User { get; }

    /// <summary>Gets the user's own access token. Without a token, a provider that needs one reports <c>Unauthenticated</c>.</summary>
    public AccessToken? Token { get; }

    /// <summary>
    /// Gets a value that indicates whether <see cref="Token"/> was verified by the host's authentication scheme. The value is
    /// <see langword="false"/> if a cookie signs the user in and the token is used only for reads. The token verifier does not check such a
    /// token.
    /// </summary>
    public bool TokenIsCredential { get; }

    /// <summary>Gets the time at which the sign-in expires, if it is known.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Gets a value that indicates whether background work acts on the server's own behalf; see <see cref="AsServer"/>.</summary>
    public bool IsServer { get; }

    /// <summary>Creates a session for background work without a signed-in user. A provider may read with the server's rights.</summary>
    /// <param name="user">The user whose data the work concerns.</param>
    /// <returns>The session.</returns>
    public static UserSession AsServer(UserId user) => new(user, token: null, expiresAt: null, tokenIsCredential: false, isServer: true);

    /// <summary>Returns the user's pseudonym; never the token.</summary>
    /// <returns>The pseudonym.</returns>
    public override string ToString() => IsServer ? $"{User} (server)" : User.ToString();
}
