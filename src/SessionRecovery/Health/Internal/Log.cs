using Microsoft.Extensions.Logging;

namespace SessionRecovery.Health.Internal;

/// <summary>Defines the log messages of health checks, with event ids from 1100 to 1199.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1101, EventName = "ProbeTimedOut", Level = LogLevel.Warning,
        Message = "The probe {Probe} did not complete within {Timeout}.")]
    public static partial void ProbeTimedOut(this ILogger logger, string probe, TimeSpan timeout);

    [LoggerMessage(EventId = 1102, EventName = "ProbeFailed", Level = LogLevel.Warning, Message = "The probe {Probe} failed.")]
    public static partial void ProbeFailed(this ILogger logger, Exception exception, string probe);
}
