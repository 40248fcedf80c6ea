namespace SessionRecovery.Recovery;

/// <summary>How one step of a recovery ended.</summary>
/// <param name="Name">The step's name.</param>
/// <param name="Succeeded">Whether the recovery may go on.</param>
/// <param name="Reason">Why not: a code in snake_case.</param>
public sealed record RecoveryStepResult(string Name, bool Succeeded, string? Reason = null);
