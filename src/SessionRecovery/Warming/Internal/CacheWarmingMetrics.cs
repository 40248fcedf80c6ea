using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;

namespace SessionRecovery.Warming.Internal;

/// <summary>Defines the metric instruments for the cache warm-up.</summary>
internal sealed class CacheWarmingMetrics
{
    private readonly Counter<long> _users;
    private readonly Histogram<double> _duration;

    public CacheWarmingMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _users = meter.CreateCounter<long>("session_recovery.warm_up.users", "{user}", "Users whose balance a warm-up put into the cache.");
        _duration = meter.CreateHistogram<double>("session_recovery.warm_up.duration", "s", "Duration of warm-ups by outcome.");
    }

    public void WarmedUp(CacheWarmingResult result)
    {
        _users.Add(result.Filled);
        _duration.Record(result.Duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", result.Outcome switch
        {
            CacheWarmingOutcome.Completed => "completed",
            CacheWarmingOutcome.TimedOut => "timed_out",
            CacheWarmingOutcome.Skipped => "skipped",
            _ => "failed",
        }));
    }
}
