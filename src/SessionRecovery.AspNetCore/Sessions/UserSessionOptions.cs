using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>
/// Options that determine how the session of a request is found. The values except the delegates come from the configuration section
/// <c>SessionRecovery:Session</c>.
/// </summary>
public sealed class UserSessionOptions
{
    /// <summary>
    /// Gets or sets the authentication scheme that verifies sessions. The default is the host's default authentication scheme.
    /// </summary>
    public string? Scheme { get; set; }

    /// <summary>
    /// Gets the names of the claims that may contain the user's id, in order of preference. If the list is empty, the claim <c>sub</c> and
    /// then the name identifier claim are used.
    /// </summary>
    public IList<string> UserIdClaims { get; } = [];

    /// <summary>
    /// Gets the names of the claims that may contain the id of the person who owns uploaded files, in order of preference. If the list is
    /// empty, the claim <c>sub</c> and then the name identifier claim are used, even if <see cref="UserIdClaims"/> contains other claims.
    /// With the claim of an organization in <see cref="UserIdClaims"/> and an empty list here, the members of the organization share their
    /// credits, but not their files.
    /// </summary>
    public IList<string> FileUserIdClaims { get; } = [];

    /// <summary>
    /// Gets or sets a delegate that fills <see cref="SessionRecovery.Sessions.UserSession.Properties"/> with the values that a credit
    /// reader needs in addition to the user id, for example the tenant of the request. The delegate is called once for each session that is
    /// read from a request. The values must come from a source that the host trusts, for example the verified principal. The default is
    /// <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, IDictionary<string, string>, ValueTask>? Enrich { get; set; }

    /// <summary>
    /// Gets or sets a delegate that returns the user's access token. A host needs the delegate if its token is neither in the bearer header
    /// nor saved by the scheme as <c>access_token</c>. The default is <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, ValueTask<string?>>? TokenSource { get; set; }
}
