using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Verifies a token with the host's authentication scheme. The scheme handles the token as if it were part of a request.</summary>
internal sealed class SchemeTokenVerifier(
    IServiceScopeFactory scopes,
    IOptions<UserSessionOptions> options,
    SessionReader reader) : IAccessTokenVerifier
{
    public async ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        cancellationToken.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellationToken };
        context.Request.Headers.Authorization = $"Bearer {token.Reveal()}";
        var result = await context.AuthenticateAsync(options.Value.Scheme).ConfigureAwait(false);
        if (result.Succeeded)
        {
            return reader.GetUser(result.Principal) is { } user
                ? TokenVerificationResult.Valid(user, result.Properties?.ExpiresUtc ?? SessionReader.GetExpiry(result.Principal))
                : TokenVerificationResult.Rejected;
        }

        // If the scheme returns no result, it does not read bearer tokens, so the validity of this token is unknown.
        return result.Failure is { } failure && !IsOutage(failure) ? TokenVerificationResult.Rejected : TokenVerificationResult.Unavailable;
    }

    // The scheme also fails if it cannot load its signing keys. A failure to load keys does not mean that the token was rejected.
    private static bool IsOutage(Exception failure) =>
        failure is HttpRequestException or IOException or TimeoutException or InvalidOperationException or OperationCanceledException
        || (failure.InnerException is { } inner && IsOutage(inner));
}
