using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Is there a balance for this session? A zero is as healthy as any other number.</summary>
internal sealed class CreditsProbe(ICreditService credits) : ISessionProbe
{
    public string Name => "credits";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        var reading = await credits.ReadAsync(session, new CreditReadOptions { WithoutEffect = true }, cancellationToken).ConfigureAwait(false);
        return reading.Status switch
        {
            CreditReadingStatus.Known or CreditReadingStatus.Missing => ProbeResult.Healthy,
            CreditReadingStatus.Unauthenticated => ProbeResult.Unhealthy("unauthenticated"),
            CreditReadingStatus.Stale => ProbeResult.Inconclusive("stale"),
            _ => ProbeResult.Inconclusive("unavailable"),
        };
    }
}
