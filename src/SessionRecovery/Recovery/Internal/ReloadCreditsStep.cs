using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Drops what is cached for the user and reads anew.</summary>
internal sealed class ReloadCreditsStep(ICreditService credits) : IRecoveryStep
{
    public string Name => "reload_credits";

    public async ValueTask<string?> RunAsync(UserSession session, CancellationToken cancellationToken)
    {
        var reading = await credits.RefreshAsync(session, cancellationToken).ConfigureAwait(false);
        return reading.Status switch
        {
            CreditReadStatus.Current or CreditReadStatus.NotFound => null,
            CreditReadStatus.Unauthenticated => "unauthenticated",
            _ => "unavailable",
        };
    }
}
