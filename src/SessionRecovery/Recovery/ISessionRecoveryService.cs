using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>
/// Runs the server's part of a recovery: verifies the session, then invalidates and reloads the user's cached data. Thread-safe.
/// </summary>
/// <remarks>
/// At most one recovery runs per user and token; concurrent callers join it. Within <see cref="RecoveryOptions.Cooldown"/> after its end,
/// callers receive the same result.
/// </remarks>
public interface ISessionRecoveryService
{
    /// <summary>Checks the session and, if it is unhealthy, runs the recovery steps.</summary>
    /// <param name="session">The session.</param>
    /// <param name="trigger">The reason for the request, in snake_case; an unknown one is counted as <c>other</c>.</param>
    /// <param name="cancellationToken">Cancels this caller's wait, not the recovery that other callers share.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="session"/> or <paramref name="trigger"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<SessionRecoveryResult> RecoverAsync(UserSession session, string trigger, CancellationToken cancellationToken = default);
}
