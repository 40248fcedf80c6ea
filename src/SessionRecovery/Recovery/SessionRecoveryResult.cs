using SessionRecovery.Credits;

namespace SessionRecovery.Recovery;

/// <summary>Represents the result of a recovery.</summary>
public sealed record SessionRecoveryResult
{
    /// <summary>Gets the outcome of the recovery.</summary>
    public SessionRecoveryOutcome Outcome { get; init; }

    /// <summary>Gets the results of the steps that ran, in order.</summary>
    public IReadOnlyList<RecoveryStepResult> Steps { get; init; } = [];

    /// <summary>
    /// Gets the user's balance after the recovery. The value is <see cref="CreditReadStatus.Unavailable"/> in a host without credits.
    /// </summary>
    public CreditReadResult Credits { get; init; }

    /// <summary>Gets a value that indicates whether this is the result of an earlier recovery whose cooldown has not ended.</summary>
    public bool Repeated { get; init; }

    /// <summary>Gets the remaining cooldown if the recovery failed, or <see langword="null"/> if the recovery did not fail.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
