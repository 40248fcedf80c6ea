using SessionRecovery.Health;
using SessionRecovery.Health.Internal;

namespace SessionRecovery.Recovery.Internal;

/// <summary>
/// Ends the recovery of a session whose token was rejected: only the client can refresh it. Uses the result of the health check, so that
/// each recovery calls the verifier only once.
/// </summary>
internal sealed class VerifyStep : IRecoveryStep
{
    public string Name => "verify";

    public ValueTask<RecoveryStepResult> RunAsync(RecoveryContext context, CancellationToken cancellationToken)
    {
        if (context.Session.Token is null || !context.Session.TokenIsCredential)
        {
            return new(RecoveryStepResult.Success);
        }

        var token = context.Health.Entries.FirstOrDefault(static entry => entry.Name == TokenProbe.Name);
        return new(token?.Status == SessionHealthStatus.Healthy
            ? RecoveryStepResult.Success
            : RecoveryStepResult.Failure(token?.Reason ?? "unavailable"));
    }
}
