using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>The authority of a host that brought none; Supabase's takes its place.</summary>
internal sealed class UnavailableTokenVerifier : IAccessTokenVerifier
{
    public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
        ValueTask.FromResult(TokenVerificationResult.Unavailable);
}
