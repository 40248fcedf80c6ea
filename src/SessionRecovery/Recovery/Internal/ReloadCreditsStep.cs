using SessionRecovery.Credits;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Invalidates the user's cached balance and reads it from the store.</summary>
internal sealed class ReloadCreditsStep(ICreditService credits) : IRecoveryStep
{
    public string Name => "reload_credits";

    public async ValueTask<RecoveryStepResult> RunAsync(RecoveryContext context, CancellationToken cancellationToken)
    {
        context.LastRead = await credits.RefreshAsync(context.Session, cancellationToken).ConfigureAwait(false);
        return context.LastRead.Status switch
        {
            CreditReadStatus.Current or CreditReadStatus.NotFound => RecoveryStepResult.Success,
            CreditReadStatus.Unauthenticated => RecoveryStepResult.Failure("unauthenticated"),
            _ => RecoveryStepResult.Failure("unavailable"),
        };
    }
}
