using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Is there a balance for this session? A zero is as healthy as any other number.</summary>
internal sealed class CreditsProbe(ICreditService credits) : ISessionProbe
{
    public string Name => "credits";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        var reading = await credits.ReadAsync(session, new CreditReadOptions { AllowAccountCreation = false }, cancellationToken).ConfigureAwait(false);
        return reading.Status switch
        {
            CreditReadStatus.Current or CreditReadStatus.NotFound => ProbeResult.Healthy,
            CreditReadStatus.Unauthenticated => ProbeResult.Unhealthy("unauthenticated"),
            CreditReadStatus.Stale => ProbeResult.Inconclusive("stale"),
            _ => ProbeResult.Inconclusive("unavailable"),
        };
    }
}
