using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

internal sealed class ScriptedAuthority : ISessionAuthority
{
    private int _calls;

    public Func<AccessToken, SessionVerdict> Verify { get; set; } = _ => SessionVerdict.Unavailable;

    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<SessionVerdict> VerifyAsync(AccessToken token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return new(Verify(token));
    }
}
