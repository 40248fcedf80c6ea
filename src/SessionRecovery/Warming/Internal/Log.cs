using Microsoft.Extensions.Logging;

namespace SessionRecovery.Warming.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 1301, EventName = "WarmUpEnded", Level = LogLevel.Information,
        Message = "Cache warm-up {Outcome}: {Users} active users, {Filled} balances filled in, {Newer} newer ones kept, in {DurationMs} ms.")]
    public static partial void WarmUpEnded(this ILogger logger, CacheWarmingOutcome outcome, int users, int filled, int newer, double durationMs);

    [LoggerMessage(EventId = 1302, EventName = "WarmUpFailed", Level = LogLevel.Warning,
        Message = "The active users could not be read ({Error}); balances are read as users come.")]
    public static partial void WarmUpFailed(this ILogger logger, string error);
}
