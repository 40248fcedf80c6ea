using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Reads the session of a request. The user id comes only from the verified principal.</summary>
internal sealed class SessionReader(
    IOptions<UserSessionOptions> options, IAuthenticationSchemeProvider schemes, ILogger<SessionReader> logger)
{
    private static readonly string[] DefaultClaims = ["sub", ClaimTypes.NameIdentifier];

    private int _isReported;

    private IEnumerable<string> Claims => options.Value.UserIdClaims.Count > 0 ? options.Value.UserIdClaims : DefaultClaims;

    /// <summary>
    /// Returns a value that indicates whether a verified principal has a user id. The first principal without a user id is logged.
    /// </summary>
    public bool HasUser(ClaimsPrincipal principal)
    {
        if (GetUser(principal) is not null)
        {
            return true;
        }

        if (principal.Identity?.IsAuthenticated == true && Interlocked.Exchange(ref _isReported, 1) == 0)
        {
            logger.NoUserId(string.Join(", ", Claims));
        }

        return false;
    }

    /// <summary>Returns the session of the request. Returns <see langword="null"/> if no user is signed in.</summary>
    public async ValueTask<UserSession?> FindAsync(HttpContext context)
    {
        if (GetUser(context.User) is not { } user)
        {
            return null;
        }

        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        var (token, isCredential) = await FindTokenAsync(context, result).ConfigureAwait(false);
        return new UserSession(user, token, result?.Properties?.ExpiresUtc ?? GetExpiry(context.User), isCredential);
    }

    /// <summary>Returns the user id of a verified principal. Returns <see langword="null"/> if the principal has no user id.</summary>
    public UserId? GetUser(ClaimsPrincipal principal)
    {
        if (principal.Identity?.IsAuthenticated != true)
        {
            return null;
        }

        foreach (var claim in Claims)
        {
            if (UserId.TryParse(principal.FindFirstValue(claim), null, out var user))
            {
                return user;
            }
        }

        return null;
    }

    public static DateTimeOffset? GetExpiry(ClaimsPrincipal principal) =>
        long.TryParse(
            principal.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private async ValueTask<(AccessToken? Token, bool IsCredential)> FindTokenAsync(HttpContext context, AuthenticateResult? result)
    {
        // If a cookie authenticated the principal, the Authorization header is ignored, because it may contain another user's token.
        if (BearerToken.Get(context.Request) is { } bearer && !await IsCookieAsync(result).ConfigureAwait(false))
        {
            return (bearer, true);
        }

        var saved = await context.GetTokenAsync(options.Value.Scheme, "access_token").ConfigureAwait(false);
        if (saved is null && options.Value.TokenSource is { } source)
        {
            saved = await source(context).ConfigureAwait(false);
        }

        return (AccessToken.TryParse(saved, null, out var token) ? token : null, false);
    }

    private async ValueTask<bool> IsCookieAsync(AuthenticateResult? result)
    {
        // If an authorization policy has several schemes, the ticket contains the joined names of these schemes.
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
