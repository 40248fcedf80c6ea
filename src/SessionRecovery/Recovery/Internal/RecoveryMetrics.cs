using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;
using SessionRecovery.Shared;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Defines the metric instruments for recoveries. The tags have a small fixed set of values.</summary>
internal sealed class RecoveryMetrics
{
    private readonly Counter<long> _recoveries;
    private readonly Histogram<double> _duration;

    public RecoveryMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _recoveries = meter.CreateCounter<long>("session_recovery.recoveries", "{recovery}", "Session recoveries by trigger and outcome.");
        _duration = meter.CreateHistogram<double>("session_recovery.recovery.duration", "s", "Duration of session recoveries by outcome.");
    }

    public void Recovered(string trigger, SessionRecoveryOutcome outcome, TimeSpan duration)
    {
        var name = outcome.ToWireName();
        _recoveries.Add(1, new("trigger", trigger), new("outcome", name));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", name));
    }
}
