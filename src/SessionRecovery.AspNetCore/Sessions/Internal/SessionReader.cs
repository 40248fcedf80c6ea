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

    private int _isUserReported;
    private int _isFileUserReported;

    private IList<string> UserClaims => options.Value.UserIdClaims is { Count: > 0 } claims ? claims : DefaultClaims;

    private IList<string> FileUserClaims => options.Value.FileUserIdClaims is { Count: > 0 } claims ? claims : DefaultClaims;

    /// <summary>Returns whether a verified principal has a user id. The first principal without a user id is logged.</summary>
    public bool HasUser(ClaimsPrincipal principal) =>
        HasId(principal, UserClaims, nameof(UserSessionOptions.UserIdClaims), ref _isUserReported);

    /// <summary>
    /// Returns whether a verified principal has the user id for files. The first principal without a user id for files is logged.
    /// </summary>
    public bool HasFileUser(ClaimsPrincipal principal) =>
        HasId(principal, FileUserClaims, nameof(UserSessionOptions.FileUserIdClaims), ref _isFileUserReported);

    /// <summary>Returns the session; <see langword="null"/> if no user is signed in.</summary>
    public ValueTask<UserSession?> FindAsync(HttpContext context) => FindAsync(context, GetUser(context.User));

    /// <summary>Returns the session of the person who owns the request's files.</summary>
    /// <exception cref="InvalidOperationException">No user is signed in.</exception>
    public async ValueTask<UserSession> GetFileSessionAsync(HttpContext context) =>
        await FindAsync(context, GetFileUser(context.User)).ConfigureAwait(false)
            ?? throw new InvalidOperationException("No user is signed in.");

    /// <summary>Returns the user id of a verified principal; <see langword="null"/> if the principal has no user id.</summary>
    public UserId? GetUser(ClaimsPrincipal principal) => GetId(principal, UserClaims);

    /// <summary>
    /// Returns the user id under which a verified principal owns files; <see langword="null"/> if the principal has no such id.
    /// </summary>
    public UserId? GetFileUser(ClaimsPrincipal principal) => GetId(principal, FileUserClaims);

    /// <summary>Returns whether one of ASP.NET Core's schemes for bearer tokens authenticated the request.</summary>
    public async ValueTask<bool> IsBearerSchemeAsync(HttpContext context)
    {
        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        return await HasHandlerAsync(result, static type => IsNamed(type, "JwtBearerHandler") || IsNamed(type, "BearerTokenHandler"))
            .ConfigureAwait(false);
    }

    public static DateTimeOffset? GetExpiry(ClaimsPrincipal principal) =>
        long.TryParse(
            principal.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static UserId? GetId(ClaimsPrincipal principal, IList<string> claims)
    {
        if (principal.Identity?.IsAuthenticated != true)
        {
            return null;
        }

        foreach (var claim in claims)
        {
            if (UserId.TryParse(principal.FindFirstValue(claim), null, out var user))
            {
                return user;
            }
        }

        return null;
    }

    private bool HasId(ClaimsPrincipal principal, IList<string> claims, string option, ref int isReported)
    {
        if (GetId(principal, claims) is not null)
        {
            return true;
        }

        if (principal.Identity?.IsAuthenticated == true && Interlocked.Exchange(ref isReported, 1) == 0)
        {
            logger.NoUserId(string.Join(", ", claims), option);
        }

        return false;
    }

    private async ValueTask<UserSession?> FindAsync(HttpContext context, UserId? id)
    {
        if (id is not { } user)
        {
            return null;
        }

        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;

        // If a cookie authenticated the principal, the Authorization header is ignored, because it may contain another user's token.
        var bearer = BearerToken.Get(context.Request);
        var isCredential = bearer is not null && !await IsCookieAsync(result).ConfigureAwait(false);
        var token = isCredential ? bearer : await FindSavedTokenAsync(context).ConfigureAwait(false);
        var session = new UserSession(user, token, result?.Properties?.ExpiresUtc ?? GetExpiry(context.User), isCredential);
        if (options.Value.Enrich is not { } enrich)
        {
            return session;
        }

        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        await enrich(context, properties).ConfigureAwait(false);
        return properties.Count == 0 ? session : session.WithProperties(properties);
    }

    private async ValueTask<AccessToken?> FindSavedTokenAsync(HttpContext context)
    {
        var saved = await context.GetTokenAsync(options.Value.Scheme, "access_token").ConfigureAwait(false);
        if (saved is null && options.Value.TokenSource is { } source)
        {
            saved = await source(context).ConfigureAwait(false);
        }

        return AccessToken.TryParse(saved, null, out var token) ? token : null;
    }

    private ValueTask<bool> IsCookieAsync(AuthenticateResult? result) =>
        HasHandlerAsync(result, typeof(CookieAuthenticationHandler).IsAssignableFrom);

    // This package does not reference the packages of these handlers, so the names of the handler type and its base types are compared.
    private static bool IsNamed(Type? type, string name) =>
        type is not null && (string.Equals(type.Name, name, StringComparison.Ordinal) || IsNamed(type.BaseType, name));

    private async ValueTask<bool> HasHandlerAsync(AuthenticateResult? result, Predicate<Type> matches)
    {
        // If an authorization policy has several schemes, the authentication ticket contains the joined names of these schemes.
        foreach (var name in result?.Ticket?.AuthenticationScheme?.Split(';') ?? [])
        {
            var scheme = await schemes.GetSchemeAsync(name).ConfigureAwait(false);
            if (scheme is not null && matches(scheme.HandlerType))
            {
                return true;
            }
        }

        return false;
    }
}
