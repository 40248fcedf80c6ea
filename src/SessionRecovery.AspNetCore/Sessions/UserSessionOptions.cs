using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>Options for finding a request's session. Bound from <c>SessionRecovery:Session</c>, except for the delegates.</summary>
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
    /// Gets the claims that may contain the id of the person who owns uploaded files, in order. If empty: <c>sub</c>, then the name
    /// identifier, even if <see cref="UserIdClaims"/> names other claims. An organization's claim in <see cref="UserIdClaims"/> therefore
    /// shares the credits of its members, but not their files.
    /// </summary>
    public IList<string> FileUserIdClaims { get; } = [];

    /// <summary>
    /// Gets or sets a delegate that fills <see cref="SessionRecovery.Sessions.UserSession.Properties"/> with what a credit reader needs
    /// besides the user, for example the tenant of the request. It runs once for each session that is read from a request. The values must
    /// come from a source that the host trusts, for example the verified principal. The default is <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, IDictionary<string, string>, ValueTask>? Enrich { get; set; }

    /// <summary>
    /// Gets or sets a delegate that returns the user's access token, for hosts where it is neither in the bearer header nor saved by the
    /// scheme as <c>access_token</c>. The default is <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, ValueTask<string?>>? TokenSource { get; set; }
}
