namespace SessionRecovery.Diagnostics;

/// <summary>
/// Contains the names of the telemetry sources of SessionRecovery, to which OpenTelemetry or another listener subscribes.
/// </summary>
public static class SessionRecoveryDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "SessionRecovery";
}
