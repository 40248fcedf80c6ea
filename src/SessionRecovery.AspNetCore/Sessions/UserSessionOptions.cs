using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>How a request's session is found. Bound from <c>SessionRecovery:Session</c>, except for the delegate.</summary>
public sealed class UserSessionOptions
{
    /// <summary>The scheme that verifies tokens; the host's default authentication scheme when empty.</summary>
    public string? Scheme { get; set; }

    /// <summary>The claims that may carry the user's id, in order. <c>sub</c>, then the name identifier, when empty.</summary>
    public IList<string> UserIdClaims { get; } = [];

    /// <summary>Gives the user's access token where it is neither in the bearer header nor saved by the scheme as <c>access_token</c>.</summary>
    public Func<HttpContext, ValueTask<string?>>? TokenSource { get; set; }
}
