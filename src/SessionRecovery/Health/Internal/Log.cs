using Microsoft.Extensions.Logging;

namespace SessionRecovery.Health.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 1101, EventName = "ProbeTimedOut", Level = LogLevel.Warning, Message = "The probe {Probe} gave no answer within {Timeout}.")]
    public static partial void ProbeTimedOut(this ILogger logger, string probe, TimeSpan timeout);

    [LoggerMessage(EventId = 1102, EventName = "ProbeFailed", Level = LogLevel.Warning, Message = "The probe {Probe} failed ({Error}).")]
    public static partial void ProbeFailed(this ILogger logger, string probe, string error);
}
