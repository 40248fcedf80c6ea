namespace SessionRecovery.Recovery;

/// <summary>One step of a recovery. Steps run in the order of registration; the first that fails ends the recovery.</summary>
/// <remarks>
/// A host adds a step with <c>AddRecoveryStep&lt;T&gt;()</c>, for example to reload its own cache for the user. Resolved in its own DI
/// scope per recovery.
/// </remarks>
public interface IRecoveryStep
{
    /// <summary>Gets the name in results: snake_case, at most 64 characters.</summary>
    string Name { get; }

    /// <summary>Runs the step. It must be repeatable, because a recovery may be attempted again.</summary>
    /// <param name="context">The session, the trigger and the results of the recovery so far.</param>
    /// <param name="cancellationToken">Canceled when the recovery exceeds <see cref="RecoveryOptions.Timeout"/>.</param>
    /// <returns>Whether the step succeeded, and the reason if it did not.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<RecoveryStepResult> RunAsync(RecoveryContext context, CancellationToken cancellationToken);
}
