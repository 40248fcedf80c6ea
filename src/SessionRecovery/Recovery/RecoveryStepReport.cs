namespace SessionRecovery.Recovery;

/// <summary>A step that ran, within a <see cref="SessionRecoveryResult"/>.</summary>
public sealed record RecoveryStepReport
{
    /// <summary>Gets the name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the result of the step.</summary>
    public required RecoveryStepResult Result { get; init; }
}
