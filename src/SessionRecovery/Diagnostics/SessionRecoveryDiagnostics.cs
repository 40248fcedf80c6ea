namespace SessionRecovery.Diagnostics;

/// <summary>The names of SessionRecovery's telemetry sources, to which OpenTelemetry or another listener subscribes.</summary>
public static class SessionRecoveryDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "SessionRecovery";
}
