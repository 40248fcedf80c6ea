using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Defines the metric instruments for file requests. The instruments belong to the same meter as the instruments of the core package.
/// </summary>
internal sealed class FileMetrics
{
    private readonly Counter<long> _serves;

    public FileMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(SessionRecoveryDiagnostics.MeterName);
        _serves = meter.CreateCounter<long>("session_recovery.file_serves", "{file}", "Requests for files by outcome.");
    }

    public void FileServed(string outcome) => _serves.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
