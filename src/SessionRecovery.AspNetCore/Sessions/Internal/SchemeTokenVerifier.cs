using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Verifies tokens with the host's authentication scheme. If the scheme has already verified the token for the current request, the token
/// is valid, and the scheme does not run again. To verify a token that is not the token of the current request, the scheme runs on a copy
/// of the request that contains this token.
/// </summary>
internal sealed class SchemeTokenVerifier(
    IHttpContextAccessor current,
    IServiceScopeFactory scopes,
    IOptions<UserSessionOptions> options,
    SessionReader reader,
    TimeProvider time,
    ILogger<SchemeTokenVerifier> logger) : IAccessTokenVerifier
{
    public bool SharesResults => false;

    public async ValueTask<TokenVerificationResult> VerifyAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();

        // A session object can be used after the end of its request, and the session may have expired in the meantime. For an expired
        // session, the scheme verifies the token again, because only the scheme knows the allowed clock skew.
        var isVerified = session.TokenIsCredential && (session.ExpiresAt is not { } end || time.GetUtcNow() < end);
        return (isVerified, session.Token) switch
        {
            (true, _) => await ConfirmAsync(session.User, session.ExpiresAt, cancellationToken).ConfigureAwait(false),
            (_, { } token) => await VerifyAsync(token, cancellationToken).ConfigureAwait(false),
            _ => TokenVerificationResult.Unavailable,
        };
    }

    public async ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        cancellationToken.ThrowIfCancellationRequested();
        var context = current.HttpContext;
        if (context is not null && await FindVerifiedAsync(context, token).ConfigureAwait(false) is { } verified)
        {
            return await ConfirmAsync(verified.User, verified.ExpiresAt, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await AskSchemeAsync(context, token, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.SchemeFailed(exception);
            return TokenVerificationResult.Unavailable;
        }
    }

    // The bearer schemes of ASP.NET Core accept a request only if they have verified its token. Another scheme may have accepted the
    // request because of an API key or a certificate, without reading the token.
    private async ValueTask<TokenVerificationResult> ConfirmAsync(
        UserId user, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        if (current.HttpContext is not { } context || await reader.IsBearerSchemeAsync(context).ConfigureAwait(false))
        {
            return TokenVerificationResult.Valid(user, expiresAt);
        }

        try
        {
            return await IsAcceptedWithoutTokenAsync(context, user, cancellationToken).ConfigureAwait(false)
                ? TokenVerificationResult.Unavailable
                : TokenVerificationResult.Valid(user, expiresAt);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.SchemeFailed(exception);
            return TokenVerificationResult.Unavailable;
        }
    }

    private async ValueTask<UserSession?> FindVerifiedAsync(HttpContext context, AccessToken token) =>
        token.Equals(BearerToken.Get(context.Request))
            && await reader.FindAsync(context).ConfigureAwait(false) is { TokenIsCredential: true } session
            && token.Equals(session.Token)
            ? session
            : null;

    private async Task<TokenVerificationResult> AskSchemeAsync(HttpContext? context, AccessToken token, CancellationToken cancellationToken)
    {
        var result = await AuthenticateAsync(context, $"Bearer {token.Reveal()}", cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            // The result is inconclusive, because the token may not be the cause of the failure. The scheme may require a header or a
            // certificate that the copy of the request does not have, or an outage may be the cause.
            return TokenLifetime.IsExpired(token, result.Failure, time.GetUtcNow())
                ? TokenVerificationResult.Rejected
                : TokenVerificationResult.Unavailable;
        }

        if (reader.GetUser(result.Principal) is not { } user)
        {
            return TokenVerificationResult.Rejected;
        }

        // A scheme that accepts the request without the token, for example because of a certificate, has not verified the token.
        return context is not null && await IsAcceptedWithoutTokenAsync(context, user, cancellationToken).ConfigureAwait(false)
            ? TokenVerificationResult.Unavailable
            : TokenVerificationResult.Valid(user, result.Properties?.ExpiresUtc ?? SessionReader.GetExpiry(result.Principal));
    }

    private async Task<bool> IsAcceptedWithoutTokenAsync(HttpContext context, UserId user, CancellationToken cancellationToken)
    {
        var result = await AuthenticateAsync(context, authorization: null, cancellationToken).ConfigureAwait(false);
        return result.Succeeded && reader.GetUser(result.Principal) == user;
    }

    private async Task<AuthenticateResult> AuthenticateAsync(
        HttpContext? context, string? authorization, CancellationToken cancellationToken)
    {
        // A new service scope is created, because the handler of the scheme caches its result for the whole scope.
        await using var scope = scopes.CreateAsyncScope();
        return await TokenRequest.Create(context, scope.ServiceProvider, authorization, cancellationToken)
            .AuthenticateAsync(options.Value.Scheme)
            .ConfigureAwait(false);
    }
}
