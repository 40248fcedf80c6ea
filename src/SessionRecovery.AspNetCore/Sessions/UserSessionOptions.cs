using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>Options for finding a request's session. Bound from <c>SessionRecovery:Session</c>, except for the delegate.</summary>
public sealed class UserSessionOptions
{
    /// <summary>
    /// Gets or sets the authentication scheme that verifies sessions. The default is the host's default authentication scheme.
    /// </summary>
    public string? Scheme { get; set; }

    /// <summary>Gets the claims that may contain the user's id, in order. If empty: <c>sub</c>, then the name identifier.</summary>
    public IList<string> UserIdClaims { get; } = [];

    /// <summary>
    /// Gets or sets a delegate that returns the user's access token, for hosts where it is neither in the bearer header nor saved by the
    /// scheme as <c>access_token</c>. The default is <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, ValueTask<string?>>? TokenSource { get; set; }
}
