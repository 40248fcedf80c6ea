using SessionRecovery.Credits;

namespace SessionRecovery.Recovery;

/// <summary>The result of a recovery.</summary>
public sealed record SessionRecoveryResult
{
    /// <summary>Gets the outcome.</summary>
    public SessionRecoveryOutcome Outcome { get; init; }

    /// <summary>Gets the steps that ran, in order.</summary>
    public IReadOnlyList<RecoveryStepResult> Steps { get; init; } = [];

    /// <summary>Gets the user's balance afterwards; <see cref="CreditReadStatus.Unavailable"/> in a host without credits.</summary>
    public CreditReadResult Credits { get; init; }

    /// <summary>Gets a value that indicates whether this is the result of an earlier recovery, returned within its cooldown.</summary>
    public bool Repeated { get; init; }

    /// <summary>Gets the remaining cooldown after a failure; <see langword="null"/> otherwise.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
