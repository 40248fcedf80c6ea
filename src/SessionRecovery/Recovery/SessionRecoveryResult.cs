using SessionRecovery.Credits;

namespace SessionRecovery.Recovery;

/// <summary>What a recovery did.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Steps">The steps that ran, in order.</param>
/// <param name="Credits">The user's balance afterwards; <see cref="CreditReadStatus.Unavailable"/> in a host without credits.</param>
public sealed record SessionRecoveryResult(SessionRecoveryOutcome Outcome, IReadOnlyList<RecoveryStepResult> Steps, CreditReadResult Credits)
{
    /// <summary>Whether this is the last result again, given within the cooldown.</summary>
    public bool Repeated { get; init; }

    /// <summary>How long the cooldown still lasts after a failure; <see langword="null"/> otherwise.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
