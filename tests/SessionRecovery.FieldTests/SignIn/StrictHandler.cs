using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>
/// A bearer scheme that also checks other parts of the request. A valid token consists of <c>token-of-</c> and the user's name. The token
/// <c>expired</c> counts as expired.
/// </summary>
internal sealed class StrictHandler(IOptionsMonitor<StrictOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<StrictOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer token-of-";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization.ToString();
        return Task.FromResult(authorization switch
        {
            _ when !Options.Accepts(Context) => AuthenticateResult.Fail("The request is not acceptable."),
            "Bearer expired" => AuthenticateResult.Fail("Token expired"),
            _ when authorization.StartsWith(Prefix, StringComparison.Ordinal) => Succeed(authorization[Prefix.Length..]),
            "" when Options.UserWithoutToken is { } user => Succeed(user),
            "" => AuthenticateResult.NoResult(),
            _ when Options.UserWithoutToken is { } user => Succeed(user),
            _ => AuthenticateResult.Fail("No such token."),
        });
    }

    private AuthenticateResult Succeed(string user) => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user)], Scheme.Name)), Scheme.Name));
}
