using System.Diagnostics.Metrics;
using SessionRecovery.Credits;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace SessionRecovery.Diagnostics.Internal;

/// <summary>The core's instruments, with OpenTelemetry's names and units. Tags are bounded sets; none carries an id or a key.</summary>
internal sealed class CoreMetrics
{
    private readonly Counter<long> _recoveries;
    private readonly Histogram<double> _recoveryDuration;
    private readonly Counter<long> _creditReads;
    private readonly Counter<long> _creditReadRetries;
    private readonly Counter<long> _creditCommandRetries;
    private readonly Counter<long> _warmedUsers;
    private readonly Histogram<double> _warmUpDuration;

    public CoreMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _recoveries = meter.CreateCounter<long>("session_recovery.recoveries", "{recovery}", "Session recoveries by trigger and outcome.");
        _recoveryDuration = meter.CreateHistogram<double>("session_recovery.recovery.duration", "s", "How long session recoveries took.");
        _creditReads = meter.CreateCounter<long>("session_recovery.credit_reads", "{read}", "Credit readings by status and source.");
        _creditReadRetries = meter.CreateCounter<long>("session_recovery.credit_read.retries", "{retry}", "Repeated tries to read a balance from the store.");
        _creditCommandRetries = meter.CreateCounter<long>("session_recovery.credit_command.retries", "{retry}", "Repeated tries of a credit command, with its own key.");
        _warmedUsers = meter.CreateCounter<long>("session_recovery.warm_up.users", "{user}", "Users whose balance a warm-up brought into the cache.");
        _warmUpDuration = meter.CreateHistogram<double>("session_recovery.warm_up.duration", "s", "How long warm-ups took, by outcome.");
    }

    public void CreditRead(CreditReadStatus status, bool fromCache)
    {
        if (_creditReads.Enabled)
        {
            _creditReads.Add(1, new("status", ToName(status)), new("source", fromCache ? "cache" : "store"));
        }
    }

    public void CreditReadRetried() => _creditReadRetries.Add(1);

    public void CreditCommandRetried() => _creditCommandRetries.Add(1);

    public void Recovered(string trigger, SessionRecoveryOutcome outcome, TimeSpan duration)
    {
        var name = outcome switch
        {
            SessionRecoveryOutcome.Recovered => "recovered",
            SessionRecoveryOutcome.NotNeeded => "not_needed",
            _ => "failed",
        };
        _recoveries.Add(1, new("trigger", trigger), new("outcome", name));
        _recoveryDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", name));
    }

    public void WarmedUp(CacheWarmingResult report)
    {
        _warmedUsers.Add(report.Filled);
        _warmUpDuration.Record(report.Duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", report.Outcome switch
        {
            CacheWarmingOutcome.Completed => "completed",
            CacheWarmingOutcome.TimedOut => "timed_out",
            CacheWarmingOutcome.Skipped => "skipped",
            _ => "failed",
        }));
    }

    private static string ToName(CreditReadStatus status) => status switch
    {
        CreditReadStatus.Current => "known",
        CreditReadStatus.Stale => "stale",
        CreditReadStatus.NotFound => "missing",
        CreditReadStatus.Unauthenticated => "unauthenticated",
        _ => "unavailable",
    };
}
