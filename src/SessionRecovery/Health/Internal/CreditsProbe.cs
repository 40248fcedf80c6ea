using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Checks whether the balance of the session's user can be read. The session is also healthy if the balance is zero.</summary>
internal sealed class CreditsProbe(ICreditService credits) : ISessionProbe
{
    /// <summary>The name of this probe in health reports and in HTTP responses.</summary>
    public const string Name = "credits";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        var read = await credits.ReadAsync(session, new CreditReadOptions { AllowAccountCreation = false }, cancellationToken)
            .ConfigureAwait(false);
        return ToResult(read) with { Credits = read };
    }

    private static ProbeResult ToResult(CreditReadResult read) => read.Status switch
    {
        CreditReadStatus.Current or CreditReadStatus.NotFound => ProbeResult.Healthy(),
        CreditReadStatus.Unauthenticated => ProbeResult.Unhealthy("unauthenticated"),
        CreditReadStatus.Stale => ProbeResult.Inconclusive(read.Reason ?? "stale"),
        _ => ProbeResult.Inconclusive(read.Reason ?? "unavailable"),
    };
}
