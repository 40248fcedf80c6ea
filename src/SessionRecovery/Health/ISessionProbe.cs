using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>
/// Checks one aspect of a session's health without side effects. Registered with a name by <c>AddProbe&lt;T&gt;(name)</c>.
/// </summary>
/// <remarks>
/// Resolved once per check, in its own DI scope. The monitor limits its time and reports an exception as
/// <see cref="SessionHealthStatus.Inconclusive"/>.
/// </remarks>
public interface ISessionProbe
{
    /// <summary>Probes the session, without side effects.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Canceled when the probe exceeds its timeout.</param>
    /// <returns>
    /// <see cref="SessionHealthStatus.Unhealthy"/> only if the session's token was rejected; an outage is
    /// <see cref="SessionHealthStatus.Inconclusive"/>.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken);
}
