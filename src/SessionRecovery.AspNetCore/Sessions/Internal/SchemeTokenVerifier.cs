using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>The authority of a host that brings its own scheme: the scheme is asked about a token as if a request had carried it.</summary>
internal sealed class SchemeTokenVerifier(IServiceScopeFactory scopes, IOptions<UserSessionOptions> options, SessionReader reader) : IAccessTokenVerifier
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

        // No result means that the scheme does not read bearer tokens, which says nothing about this one.
        return result.Failure is { } failure && !IsOutage(failure) ? TokenVerificationResult.Rejected : TokenVerificationResult.Unavailable;
    }

    // A scheme that can't fetch its keys fails too, and that is no word about the token.
    private static bool IsOutage(Exception failure) =>
        failure is HttpRequestException or IOException or TimeoutException or InvalidOperationException or OperationCanceledException
        || (failure.InnerException is { } inner && IsOutage(inner));
}
