using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Defines the metric instruments for credits. The tags have a small fixed set of values and never contain an identifier or a key.
/// </summary>
internal sealed class CreditMetrics
{
    private readonly Counter<long> _reads;
    private readonly Counter<long> _readRetries;
    private readonly Counter<long> _commandRetries;

    public CreditMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _reads = meter.CreateCounter<long>("session_recovery.credit_reads", "{read}", "Balance reads by status and source.");
        _readRetries = meter.CreateCounter<long>(
            "session_recovery.credit_read.retries", "{retry}", "Retries of balance reads from the store.");
        _commandRetries = meter.CreateCounter<long>(
            "session_recovery.credit_command.retries", "{retry}", "Retries of credit commands, with their own key.");
    }

    public void CreditRead(CreditReadStatus status, bool fromCache)
    {
        if (_reads.Enabled)
        {
            _reads.Add(1, new("status", status.ToWireName()), new("source", fromCache ? "cache" : "store"));
        }
    }

    public void ReadRetried() => _readRetries.Add(1);

    public void CommandRetried() => _commandRetries.Add(1);
}
