using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>
/// Checks one aspect of the health of a session. A probe must have no side effects. Hosts register a probe with
/// <c>AddProbe&lt;T&gt;(name)</c>.
/// </summary>
/// <remarks>
/// The probe is resolved in a new DI scope for each check. The health monitor applies a timeout to the probe, and reports an exception as
/// <see cref="SessionHealthStatus.Inconclusive"/>.
/// </remarks>
public interface ISessionProbe
{
    /// <summary>Checks the session. Implementations must have no side effects.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Canceled when the probe exceeds its timeout.</param>
    /// <returns>
    /// <see cref="SessionHealthStatus.Unhealthy"/> only if the session's access token was rejected. An outage is reported as
    /// <see cref="SessionHealthStatus.Inconclusive"/>.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken);
}
