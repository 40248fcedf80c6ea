using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary>Represents the body of <c>POST /session/recover</c>.</summary>
internal sealed record RecoverRequest(string? Trigger);

/// <summary>
/// Represents the response of <c>POST /session/recover</c>. The members for the balance are the same as in <see cref="CreditsResponse"/>.
/// </summary>
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
    public static RecoverResponse Create(UserId user, SessionRecoveryResult result)
    {
        var credits = CreditsResponse.Create(user, result.Credits);
        return new RecoverResponse(
            result.Outcome.ToWireName(),
            result.Steps.Select(RecoveryStepResponse.Create).ToList(),
            credits.Credits,
            credits.Held,
            credits.UserId,
            credits.Status,
            credits.Version,
            credits.AsOf);
    }
}

/// <summary>Represents a recovery step that ran.</summary>
internal sealed record RecoveryStepResponse(string Name, bool Succeeded, string? Reason)
{
    public static RecoveryStepResponse Create(RecoveryStepResult step) => new(step.Name, step.Succeeded, step.Reason);
}
