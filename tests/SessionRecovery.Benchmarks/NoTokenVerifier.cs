using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>A token verifier that is never called, because the benchmarks verify no tokens.</summary>
internal sealed class NoTokenVerifier : IAccessTokenVerifier
{
    public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
