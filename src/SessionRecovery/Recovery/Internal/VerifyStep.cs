using SessionRecovery.Health;
using SessionRecovery.Health.Internal;

namespace SessionRecovery.Recovery.Internal;

/// <summary>
/// Fails if the session's access token was rejected, because only the client can refresh the token. The step uses the result of the health
/// check, so that each recovery calls the token verifier only once.
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
