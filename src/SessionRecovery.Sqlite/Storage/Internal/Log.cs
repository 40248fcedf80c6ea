using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Event ids 1500 to 1599.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1501, EventName = "SqliteOpened", Level = LogLevel.Information,
        Message = "The credit database {File} was opened.")]
    public static partial void DatabaseOpened(this ILogger logger, string file);

    [LoggerMessage(EventId = 1502, EventName = "SqliteCreated", Level = LogLevel.Information,
        Message = "The credit database {File} was created.")]
    public static partial void DatabaseCreated(this ILogger logger, string file);

    [LoggerMessage(EventId = 1503, EventName = "SqliteReservationsReleased", Level = LogLevel.Information,
        Message = "{Count} reservations of requests that ended with an earlier process were released.")]
    public static partial void ReservationsReleased(this ILogger logger, int count);

    [LoggerMessage(EventId = 1504, EventName = "SqliteWaitingForOwner", Level = LogLevel.Information,
        Message = "Another process uses the credit database {File}. Waiting for it to stop.")]
    public static partial void WaitingForOwner(this ILogger logger, string file);

    [LoggerMessage(EventId = 1505, EventName = "SqliteClosed", Level = LogLevel.Information,
        Message = "The credit database {File} was closed.")]
    public static partial void DatabaseClosed(this ILogger logger, string file);
}
