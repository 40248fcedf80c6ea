namespace SessionRecovery.Diagnostics;

/// <summary>Names to subscribe to, for OpenTelemetry or any listener.</summary>
public static class SessionRecoveryDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "SessionRecovery";
}
