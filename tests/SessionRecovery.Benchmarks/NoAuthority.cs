using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>Nothing here verifies a token.</summary>
internal sealed class NoAuthority : ISessionAuthority
{
    public ValueTask<SessionVerdict> VerifyAsync(AccessToken token, CancellationToken cancellationToken) => throw new NotSupportedException();
}
