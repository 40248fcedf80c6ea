using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;

namespace SessionRecovery.AspNetCore.Diagnostics.Internal;

/// <summary>The instruments of the HTTP side, on the same meter as the core's.</summary>
internal sealed class WebMetrics
{
    private readonly Counter<long> _fileServes;
    private readonly Counter<long> _authStateChanges;

    public WebMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _fileServes = meter.CreateCounter<long>("session_recovery.file_serves", "{file}", "Files served by outcome.");
        _authStateChanges = meter.CreateCounter<long>("session_recovery.auth_state_changes", "{change}", "Changes of a session's state that the server saw: refused, recovered, ended.");
    }

    public void FileServed(string outcome) => _fileServes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void AuthStateChanged(string state) => _authStateChanges.Add(1, new KeyValuePair<string, object?>("state", state));
}
