using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>One read-only question about a session's health. A host may add its own to the service collection.</summary>
/// <remarks>Resolved in a scope of its own for every check; the monitor bounds its time and turns an exception into <see cref="SessionHealthStatus.Inconclusive"/>.</remarks>
public interface ISessionProbe
{
    /// <summary>The name in reports: snake_case, unique, at most 64 characters.</summary>
    string Name { get; }

    /// <summary>Asks. Without side effects.</summary>
    /// <returns><see cref="SessionHealthStatus.Unhealthy"/> only when the sign-in itself was refused; an outage is <see cref="SessionHealthStatus.Inconclusive"/>.</returns>
    ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken);
}
