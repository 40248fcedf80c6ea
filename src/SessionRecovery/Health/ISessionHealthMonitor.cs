using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>
/// Checks the health of a session by running all registered probes concurrently. A check has no side effects. The monitor is thread-safe.
/// </summary>
public interface ISessionHealthMonitor
{
    /// <summary>Checks the health of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>
    /// A report with the result of each probe. The result is <see cref="SessionHealthStatus.Inconclusive"/> for a probe that throws an
    /// exception or exceeds <see cref="HealthOptions.ProbeTimeout"/>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was canceled; a probe's timeout does not throw.
    /// </exception>
    ValueTask<SessionHealthReport> CheckAsync(UserSession session, CancellationToken cancellationToken = default);
}
