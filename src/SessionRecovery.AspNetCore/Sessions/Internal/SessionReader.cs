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

        // An enumerator of the interface would be allocated for each request.
        for (var index = 0; index < claims.Count; index++)
        {
            if (UserId.TryParse(principal.FindFirstValue(claims[index]), null, out var user))
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

    private ValueTask<UserSession?> FindAsync(HttpContext context, UserId? id)
    {
        if (id is not { } user)
        {
            return default;
        }

        var result = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
        var bearer = BearerToken.Get(context.Request);
        var isCookie = bearer is null ? Task.FromResult(false) : IsCookieAsync(result);

        // Most requests with an access token take the first path, which needs no state machine because it awaits nothing.
        return bearer is not null && isCookie.IsCompletedSuccessfully && !isCookie.Result && options.Value.Enrich is null
            ? new(CreateSession(context, result, user, bearer, isCredential: true))
            : FindAsync(context, result, user, bearer, isCookie);
    }

    private async ValueTask<UserSession?> FindAsync(
        HttpContext context, AuthenticateResult? result, UserId user, AccessToken? bearer, Task<bool> isCookie)
    {
        // If a cookie authenticated the principal, the Authorization header is ignored, because it may contain another user's token.
        var isCredential = bearer is not null && !await isCookie.ConfigureAwait(false);
        var token = isCredential ? bearer : await FindSavedTokenAsync(context).ConfigureAwait(false);
        var session = CreateSession(context, result, user, token, isCredential);
        if (options.Value.Enrich is not { } enrich)
        {
            return session;
        }

        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        await enrich(context, properties).ConfigureAwait(false);
        return properties.Count == 0 ? session : session.WithProperties(properties);
    }

    private static UserSession CreateSession(
        HttpContext context, AuthenticateResult? result, UserId user, AccessToken? token, bool isCredential) =>
        new(user, token, result?.Properties?.ExpiresUtc ?? GetExpiry(context.User), isCredential);

    private async ValueTask<AccessToken?> FindSavedTokenAsync(HttpContext context)
    {
        var saved = await context.GetTokenAsync(options.Value.Scheme, "access_token").ConfigureAwait(false);
        if (saved is null && options.Value.TokenSource is { } source)
        {
            saved = await source(context).ConfigureAwait(false);
        }

        return AccessToken.TryParse(saved, null, out var token) ? token : null;
    }

    private Task<bool> IsCookieAsync(AuthenticateResult? result) =>
        HasHandlerAsync(result, static type => typeof(CookieAuthenticationHandler).IsAssignableFrom(type));

    // This package does not reference the packages of these handlers, so the names of the handler type and its base types are compared.
    private static bool IsNamed(Type? type, string name) =>
        type is not null && (string.Equals(type.Name, name, StringComparison.Ordinal) || IsNamed(type.BaseType, name));

    private Task<bool> HasHandlerAsync(AuthenticateResult? result, Predicate<Type> matches)
    {
        if (result?.Ticket?.AuthenticationScheme is not { } names)
        {
            return Task.FromResult(false);
        }

        // If an authorization policy has several schemes, the authentication ticket contains the joined names of these schemes.
        if (names.Contains(';', StringComparison.Ordinal))
        {
            return HasHandlerAsync(names.Split(';'), matches);
        }

        var find = schemes.GetSchemeAsync(names);
        return find.IsCompletedSuccessfully
            ? Task.FromResult(find.Result is { } scheme && matches(scheme.HandlerType))
            : HasHandlerAsync([names], matches);
    }

    private async Task<bool> HasHandlerAsync(string[] names, Predicate<Type> matches)
    {
        foreach (var name in names)
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
