using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>Checks the health of a session with all registered probes, concurrently. Read-only and thread-safe.</summary>
public interface ISessionHealthMonitor
{
    /// <summary>Checks a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>A report. A probe that throws or exceeds <see cref="HealthOptions.ProbeTimeout"/> is inconclusive in it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was canceled; a probe's timeout does not throw.
    /// </exception>
    ValueTask<SessionHealthReport> CheckAsync(UserSession session, CancellationToken cancellationToken = default);
}
