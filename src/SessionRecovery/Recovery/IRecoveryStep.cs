namespace SessionRecovery.Recovery;

/// <summary>
/// Represents one step of a recovery. Steps run in the order of registration. If a step fails, the recovery ends.
/// </summary>
/// <remarks>
/// A host adds a step with <c>AddRecoveryStep&lt;T&gt;()</c>, for example to reload the user's data in its own cache. The step is resolved
/// in a new DI scope for each recovery.
/// </remarks>
public interface IRecoveryStep
{
    /// <summary>Gets the name of the step in recovery results: at most 64 characters in snake_case.</summary>
    string Name { get; }

    /// <summary>Runs the step. It must be safe to run the step again, because a failed recovery may be repeated.</summary>
    /// <param name="context">The context of the recovery, with the session, the trigger and the previous results.</param>
    /// <param name="cancellationToken">Canceled when the recovery exceeds <see cref="RecoveryOptions.Timeout"/>.</param>
    /// <returns><see cref="RecoveryStepResult.Success"/>, or a result with the reason why the step failed.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<RecoveryStepResult> RunAsync(RecoveryContext context, CancellationToken cancellationToken);
}
