using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Defines the log messages of recoveries, with event ids from 1200 to 1299.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1201, EventName = "RecoveryEnded", Level = LogLevel.Information,
        Message = "The recovery of {User} (trigger {Trigger}) ended as {Outcome} after {DurationMs} ms.")]
    public static partial void RecoveryEnded(
        this ILogger logger, UserId user, string trigger, SessionRecoveryOutcome outcome, double durationMs);

    [LoggerMessage(EventId = 1202, EventName = "RecoveryFailed", Level = LogLevel.Warning,
        Message = "The recovery of {User} (trigger {Trigger}) could not be completed ({Reason}).")]
    public static partial void RecoveryFailed(this ILogger logger, Exception exception, UserId user, string trigger, string reason);
}
