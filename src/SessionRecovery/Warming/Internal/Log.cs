using Microsoft.Extensions.Logging;

namespace SessionRecovery.Warming.Internal;

/// <summary>Defines the log messages of the cache warm-up, with event ids from 1300 to 1399.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1301, EventName = "WarmUpEnded", Level = LogLevel.Information,
        Message = "The cache warm-up ended as {Outcome}: {Users} active users, {Filled} balances cached, {Newer} later balances kept, in "
            + "{DurationMs} ms.")]
    public static partial void WarmUpEnded(
        this ILogger logger, CacheWarmingOutcome outcome, int users, int filled, int newer, double durationMs);

    [LoggerMessage(EventId = 1302, EventName = "WarmUpFailed", Level = LogLevel.Warning,
        Message = "The active users could not be read. Balances are read from the store on demand.")]
    public static partial void WarmUpFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1303, EventName = "UsersNotRecorded", Level = LogLevel.Warning,
        Message = "The active users could not be recorded in the store. After a restart, users who only read may not be warmed. The next "
            + "attempt follows in a minute, and its failure is not logged.")]
    public static partial void UsersNotRecorded(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1304, EventName = "UsersHandedOver", Level = LogLevel.Information,
        Message = "The distributed cache received {Users} active users, which the next start warms first.")]
    public static partial void UsersHandedOver(this ILogger logger, int users);

    [LoggerMessage(EventId = 1305, EventName = "HandOverFailed", Level = LogLevel.Warning,
        Message = "The distributed cache did not accept the active users. The next start warms the users that the store lists.")]
    public static partial void HandOverFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1306, EventName = "HandOverUnreadable", Level = LogLevel.Warning,
        Message = "The distributed cache could not be read for the users of the previous process. The users that the store lists are "
            + "warmed.")]
    public static partial void HandOverUnreadable(this ILogger logger, Exception exception);
}
