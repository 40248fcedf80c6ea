using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

internal sealed class ScriptedTokenVerifier : IAccessTokenVerifier
{
    private int _calls;

    public Func<AccessToken, TokenVerificationResult> Verify { get; set; } = _ => TokenVerificationResult.Unavailable;

    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return new(Verify(token));
    }
}
