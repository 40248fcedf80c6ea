using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Defines the metric instruments for sessions. The instruments belong to the same meter as the instruments of the core package.
/// </summary>
internal sealed class SessionMetrics
{
    private readonly Counter<long> _changes;

    public SessionMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _changes = meter.CreateCounter<long>(
            "session_recovery.auth_state_changes",
            "{change}",
            "Changes of a session's state that the server observed: refused, recovered, ended.");
    }

    public void StateChanged(string state) => _changes.Add(1, new KeyValuePair<string, object?>("state", state));
}
