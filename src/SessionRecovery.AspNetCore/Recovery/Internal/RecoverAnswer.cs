using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary>How a recovery ended, with the balance as <c>/auth/credits</c> would give it.</summary>
internal sealed record RecoverAnswer(
    string Outcome,
    IReadOnlyList<StepAnswer> Steps,
    long? Credits,
    long? Held,
    string UserId,
    string Status,
    long? Version,
    DateTimeOffset? AsOf)
{
    public static RecoverAnswer Of(UserId user, RecoveryReport report)
    {
        var credits = CreditsAnswer.Of(user, report.Credits);
        var steps = report.Steps.Select(static step => new StepAnswer(step.Name, step.Succeeded, step.Reason)).ToList();
        return new RecoverAnswer(OutcomeOf(report.Outcome), steps, credits.Credits, credits.Held, credits.UserId, credits.Status, credits.Version, credits.AsOf);
    }

    private static string OutcomeOf(RecoveryOutcome outcome) => outcome switch
    {
        RecoveryOutcome.Recovered => "recovered",
        RecoveryOutcome.NotNeeded => "not_needed",
        _ => "failed",
    };
}
