using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>
/// Options that specify how the session of a request is found. The values come from the configuration section
/// <c>SessionRecovery:Session</c>, except the delegate, which can be set only in code.
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
    /// Gets or sets a delegate that returns the user's access token. A host needs the delegate if the token is neither in the Authorization
    /// header nor saved by the authentication scheme as <c>access_token</c>. The default is <see langword="null"/>.
    /// </summary>
    public Func<HttpContext, ValueTask<string?>>? TokenSource { get; set; }
}
