using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>The default token verifier of a test host, which the verifier of Supabase Auth replaces.</summary>
internal sealed class UnavailableTokenVerifier : IAccessTokenVerifier
{
    public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
        ValueTask.FromResult(TokenVerificationResult.Unavailable);
}
