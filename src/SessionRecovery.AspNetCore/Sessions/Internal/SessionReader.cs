using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Reads the session of a request: the user from the verified principal and from nowhere else.</summary>
internal sealed class SessionReader(IOptions<UserSessionOptions> options, IAuthenticationSchemeProvider schemes)
{
    private static readonly string[] DefaultClaims = ["sub", ClaimTypes.NameIdentifier];

    /// <summary>The session, or <see langword="null"/> when nobody is signed in.</summary>
    public async ValueTask<UserSession?> FindAsync(HttpContext context)
    {
        if (GetUser(context.User) is not { } user)
        {
            return null;
        }

        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        var (token, isCredential) = await TokenOfAsync(context, result).ConfigureAwait(false);
        return new UserSession(user, token, result?.Properties?.ExpiresUtc ?? GetExpiry(context.User), isCredential);
    }

    /// <summary>The id in a verified principal.</summary>
    public UserId? GetUser(ClaimsPrincipal principal)
    {
        if (principal.Identity?.IsAuthenticated != true)
        {
            return null;
        }

        foreach (var claim in options.Value.UserIdClaims.Count > 0 ? options.Value.UserIdClaims : DefaultClaims)
        {
            if (UserId.TryCreate(principal.FindFirstValue(claim), out var user))
            {
                return user;
            }
        }

        return null;
    }

    /// <summary>The token in the <c>Authorization: Bearer</c> header.</summary>
    public static AccessToken? GetBearerToken(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization;
        return header is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && AccessToken.TryCreate(value.AsSpan(Scheme.Length).Trim().ToString(), out var token)
                ? token
                : null;
    }

    public static DateTimeOffset? GetExpiry(ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private async ValueTask<(AccessToken? Token, bool IsCredential)> TokenOfAsync(HttpContext context, AuthenticateResult? result)
    {
        // A header beside a cookie was not what signed this principal in: it may be somebody else's token.
        if (GetBearerToken(context.Request) is { } bearer && !await IsCookieAsync(result).ConfigureAwait(false))
        {
            return (bearer, true);
        }

        var saved = await context.GetTokenAsync(options.Value.Scheme, "access_token").ConfigureAwait(false);
        if (saved is null && options.Value.TokenSource is { } source)
        {
            saved = await source(context).ConfigureAwait(false);
        }

        return (AccessToken.TryCreate(saved, out var token) ? token : null, false);
    }

    private async ValueTask<bool> IsCookieAsync(AuthenticateResult? result)
    {
        // A policy over several schemes joins their names.
        foreach (var name in result?.Ticket?.AuthenticationScheme?.Split(';') ?? [])
        {
            var scheme = await schemes.GetSchemeAsync(name).ConfigureAwait(false);
            if (scheme is not null && typeof(CookieAuthenticationHandler).IsAssignableFrom(scheme.HandlerType))
            {
                return true;
            }
        }

        return false;
    }
}
