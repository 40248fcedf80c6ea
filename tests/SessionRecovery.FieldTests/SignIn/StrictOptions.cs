using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>The options of <see cref="StrictHandler"/>.</summary>
internal sealed class StrictOptions : AuthenticationSchemeOptions
{
    /// <summary>Gets or sets the condition that a request must fulfill apart from its token.</summary>
    public Func<HttpContext, bool> Accepts { get; set; } = static _ => true;

    /// <summary>Gets or sets the user of a request without a token; <see langword="null"/> if the scheme requires a token.</summary>
    public string? UserWithoutToken { get; set; }
}
