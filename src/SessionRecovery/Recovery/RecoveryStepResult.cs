namespace SessionRecovery.Recovery;

/// <summary>Represents the result of one recovery step.</summary>
public sealed record RecoveryStepResult
{
    private RecoveryStepResult(string? reason) => Reason = reason;

    /// <summary>Gets the result of a step that succeeded.</summary>
    public static RecoveryStepResult Success { get; } = new(reason: null);

    /// <summary>Gets the name of the step. The value is empty until the recovery has recorded the result.</summary>
    public string Name { get; internal init; } = string.Empty;

    /// <summary>Gets a value that indicates whether the step succeeded. The recovery continues only after success.</summary>
    public bool Succeeded => Reason is null;

    /// <summary>Gets the reason for the failure as a code in snake_case, or <see langword="null"/> if the step succeeded.</summary>
    public string? Reason { get; }

    /// <summary>Creates a result for a step that failed.</summary>
    /// <param name="reason">The reason as a code in snake_case, without secrets.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is <see langword="null"/> or empty.</exception>
    public static RecoveryStepResult Failure(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new RecoveryStepResult(reason);
    }
}
