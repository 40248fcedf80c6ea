using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Health.Internal;

/// <summary>Reports whether the database of the Supabase project responds.</summary>
internal sealed class UpstreamProbe(UpstreamCheck upstream) : ISessionProbe
{
    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken) =>
        await upstream.RunAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
}
