using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>Asks all probes about a session, side by side. Read-only and thread-safe.</summary>
public interface ISessionHealthMonitor
{
    /// <summary>Checks a session.</summary>
    /// <returns>A report; a probe that throws or takes longer than its time-out is inconclusive in it.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled (a probe's own time-out is an answer, not this).</exception>
    ValueTask<SessionHealthReport> CheckAsync(UserSession session, CancellationToken cancellationToken = default);
}
