using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>
/// Runs the server part of a recovery. The recovery verifies the session, and invalidates and reloads the user's cached data. The service
/// is thread-safe.
/// </summary>
/// <remarks>
/// At most one recovery runs per user and token, and concurrent callers wait for the same recovery. Callers that arrive within <see
/// cref="RecoveryOptions.Cooldown"/> after the end of the recovery receive the same result.
/// </remarks>
public interface ISessionRecoveryService
{
    /// <summary>Checks the health of the session and runs the recovery steps if the session is unhealthy.</summary>
    /// <param name="session">The session.</param>
    /// <param name="trigger">The reason for the recovery as a code in snake_case. Metrics count an unknown code as <c>other</c>.</param>
    /// <param name="cancellationToken">Cancels the caller's wait. The recovery continues, because other callers may share it.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="session"/> or <paramref name="trigger"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<SessionRecoveryResult> RecoverAsync(UserSession session, string trigger, CancellationToken cancellationToken = default);
}
