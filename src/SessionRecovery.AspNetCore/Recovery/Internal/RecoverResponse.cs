using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary>How a recovery ended, with the balance as <c>/auth/credits</c> would give it.</summary>
internal sealed record RecoverResponse(
    string Outcome,
    IReadOnlyList<RecoveryStepResponse> Steps,
    long? Credits,
    long? Held,
    string UserId,
    string Status,
    long? Version,
    DateTimeOffset? AsOf)
{
    public static RecoverResponse Of(UserId user, SessionRecoveryResult report)
    {
        var credits = CreditsResponse.Of(user, report.Credits);
        var steps = report.Steps.Select(static step => new RecoveryStepResponse(step.Name, step.Succeeded, step.Reason)).ToList();
        return new RecoverResponse(ToOutcome(report.Outcome), steps, credits.Credits, credits.Held, credits.UserId, credits.Status, credits.Version, credits.AsOf);
    }

    private static string ToOutcome(SessionRecoveryOutcome outcome) => outcome switch
    {
        SessionRecoveryOutcome.Recovered => "recovered",
        SessionRecoveryOutcome.NotNeeded => "not_needed",
        _ => "failed",
    };
}
