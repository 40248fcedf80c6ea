using System.Diagnostics.Metrics;
using SessionRecovery.Diagnostics;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>The instruments of files, on the same meter as the core's.</summary>
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
