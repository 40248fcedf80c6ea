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
}
