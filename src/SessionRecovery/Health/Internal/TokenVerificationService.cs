using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Health.Internal;

/// <summary>Shares one verification of a user's token between concurrent requests.</summary>
internal sealed class TokenVerificationService(
    IAccessTokenVerifier verifier,
    IOptions<CreditOptions> options,
    TimeProvider time) : ITokenVerificationService
{
    private const int MaxTokens = 10_000;

    // A verifier that never completes must not keep later callers waiting for the same verification.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    // The key contains the token's fingerprint and not the token, because an entry is kept for longer than a request.
    private readonly BoundedMap<(UserId User, string Token), SharedResult<TokenVerificationResult>> _results = new(MaxTokens);

    public async ValueTask<TokenVerificationResult> VerifyAsync(UserSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();
        if (session.Token is not { } token)
        {
            return TokenVerificationResult.Unavailable;
        }

        if (!verifier.SharesResults)
        {
            return await verifier.VerifyAsync(session, cancellationToken).ConfigureAwait(false);
        }

        return await _results.GetOrAdd((session.User, token.Fingerprint()), () => new SharedResult<TokenVerificationResult>(time))
            .GetAsync(() => VerifyWithinTimeoutAsync(session), options.Value.MinRefreshInterval)
            .WaitAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    public void Forget(UserSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Token is { } token && _results.TryGet((session.User, token.Fingerprint()), out var result))
        {
            // The entry stays in the map, so that a client that ends its session repeatedly does not cause a verification each time.
            result.Drop();
        }
    }

    private async Task<TokenVerificationResult> VerifyWithinTimeoutAsync(UserSession session)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            return await verifier.VerifyAsync(session, timeout.Token).AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return TokenVerificationResult.Unavailable;
        }
    }
}
