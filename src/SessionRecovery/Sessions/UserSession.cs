namespace SessionRecovery.Sessions;

/// <summary>
/// Represents the session of one request, which is one signed-in user on one device. The type is immutable and thread-safe.
/// </summary>
public sealed class UserSession
{
    /// <summary>Creates the session of a user whose sign-in the host has verified.</summary>
    /// <param name="user">The verified user.</param>
    /// <param name="token">
    /// The user's own access token, or <see langword="null"/> if the authentication scheme has none, such as a cookie scheme.
    /// </param>
    /// <param name="expiresAt">The time at which the sign-in expires, or <see langword="null"/> if it is unknown.</param>
    /// <param name="tokenIsCredential">
    /// <see langword="true"/> if the host has verified <paramref name="token"/>. See <see cref="TokenIsCredential"/>.
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

    /// <summary>
    /// Gets the user's own access token, or <see langword="null"/>. If a provider needs a token and there is none, its reads return
    /// <c>Unauthenticated</c>.
    /// </summary>
    public AccessToken? Token { get; }

    /// <summary>
    /// Gets a value that indicates whether <see cref="Token"/> was verified by the host's authentication scheme. The value is
    /// <see langword="false"/> if the user is signed in by a cookie and the token is used only for reads. The token verifier does not check
    /// such a token.
    /// </summary>
    public bool TokenIsCredential { get; }

    /// <summary>Gets the time at which the sign-in expires, or <see langword="null"/> if it is unknown.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>
    /// Gets a value that indicates whether background work uses the server's own permissions. See <see cref="AsServer"/>.
    /// </summary>
    public bool IsServer { get; }

    /// <summary>
    /// Creates a session for background work without a signed-in user. A provider may read with the server's permissions.
    /// </summary>
    /// <param name="user">The user whose data is read.</param>
    /// <returns>The session.</returns>
    public static UserSession AsServer(UserId user) => new(user, token: null, expiresAt: null, tokenIsCredential: false, isServer: true);

    /// <summary>Returns the pseudonym of the user. The text never contains the access token.</summary>
    /// <returns>The pseudonym.</returns>
    public override string ToString() => IsServer ? $"{User} (server)" : User.ToString();
}
