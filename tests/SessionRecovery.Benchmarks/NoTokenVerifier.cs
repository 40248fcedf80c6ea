using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>Nothing here verifies a token.</summary>
internal sealed class NoTokenVerifier : IAccessTokenVerifier
{
    public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
