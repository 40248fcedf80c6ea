using System.Collections.Immutable;
using SessionRecovery.Sessions.Internal;

namespace SessionRecovery.Sessions;

/// <summary>
/// Represents the session of one request, which is one signed-in user on one device. The type is immutable and thread-safe.
/// </summary>
public sealed class UserSession
{
    /// <summary>The maximum number of properties.</summary>
    public const int MaxProperties = 8;

    /// <summary>The maximum length of a property's name, in characters.</summary>
    public const int MaxPropertyNameLength = 64;

    /// <summary>The maximum length of a property's value, in characters.</summary>
    public const int MaxPropertyValueLength = 256;

    private readonly ImmutableSortedDictionary<string, string> _properties;

    /// <summary>Creates the session of a user whose sign-in the host has verified.</summary>
    /// <param name="user">The verified user.</param>
    /// <param name="token">
    /// The user's own access token, or <see langword="null"/> if the authentication scheme has no access token, such as a cookie scheme.
    /// </param>
    /// <param name="expiresAt">The time at which the sign-in expires, or <see langword="null"/> if it is unknown.</param>
    /// <param name="tokenIsCredential">
    /// <see langword="true"/> if the host has verified <paramref name="token"/>. See <see cref="TokenIsCredential"/>.
    /// </param>
    public UserSession(UserId user, AccessToken? token = null, DateTimeOffset? expiresAt = null, bool tokenIsCredential = true)
        : this(user, token, expiresAt, tokenIsCredential, isServer: false, SessionProperties.Empty)
    {
    }

    private UserSession(
        UserId user,
        AccessToken? token,
        DateTimeOffset? expiresAt,
        bool tokenIsCredential,
        bool isServer,
        ImmutableSortedDictionary<string, string> properties)
    {
        _ = user.Value;
        User = user;
        Token = token;
        ExpiresAt = expiresAt;
        TokenIsCredential = token is not null && tokenIsCredential;
        IsServer = isServer;
        _properties = properties;
        PropertiesKey = SessionProperties.CreateKey(properties);
    }

    /// <summary>Gets the user.</summary>
    public UserId User { get; }

    /// <summary>
    /// Gets the user's own access token, or <see langword="null"/>. If a provider needs a token and the session has no token, reads of the
    /// provider return <c>Unauthenticated</c>.
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
    /// Gets the values that a credit reader needs in addition to the user id, for example the tenant of the request. A balance that was
    /// read for one set of properties is never returned for another set. A ledger has one account per user id and ignores the properties.
    /// The default is empty.
    /// </summary>
    public IReadOnlyDictionary<string, string> Properties => _properties;

    /// <summary>
    /// Gets a text that identifies <see cref="Properties"/>. Two sessions with equal properties have equal keys. The value is <see
    /// langword="null"/> if the session has no properties.
    /// </summary>
    internal string? PropertiesKey { get; }

    /// <summary>Returns a copy of this session with other properties.</summary>
    /// <param name="properties">
    /// The properties: at most 8, with names of 1 to 64 characters and values of 0 to 256. If two properties have the same name, the last
    /// one is used. The values must come from a source that the host trusts, for example the verified principal.
    /// </param>
    /// <returns>The copy.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="properties"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="properties"/> exceeds one of these limits.</exception>
    public UserSession WithProperties(IEnumerable<KeyValuePair<string, string>> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return new(User, Token, ExpiresAt, TokenIsCredential, IsServer, SessionProperties.Create(properties));
    }

    /// <summary>Creates a session for background work without a signed-in user. A provider may read with the server's rights.</summary>
    /// <param name="user">The user whose data the work concerns.</param>
    /// <returns>The session.</returns>
    public static UserSession AsServer(UserId user) =>
        new(user, token: null, expiresAt: null, tokenIsCredential: false, isServer: true, SessionProperties.Empty);

    /// <summary>Returns the user's pseudonym. The text never contains the token or the properties.</summary>
    /// <returns>The pseudonym.</returns>
    public override string ToString() => IsServer ? $"{User} (server)" : User.ToString();
}
