using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Defines the log messages of the SQLite store, with event ids from 1500 to 1599.</summary>
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
        Message = "Another process uses the credit database {File}. Waiting up to {Timeout} for it to stop.")]
    public static partial void WaitingForOwner(this ILogger logger, string file, TimeSpan timeout);

    [LoggerMessage(EventId = 1505, EventName = "SqliteClosed", Level = LogLevel.Information,
        Message = "The credit database {File} was closed.")]
    public static partial void DatabaseClosed(this ILogger logger, string file);

    [LoggerMessage(EventId = 1506, EventName = "SqliteFileMoved", Level = LogLevel.Critical,
        Message = "{Path} was deleted, moved or replaced while the application uses the credit database {File}. Nothing is written "
            + "any more: commands are busy, and balances are stale. Stop the application, put the file back if it was moved, and start "
            + "it again.")]
    public static partial void FileMoved(this ILogger logger, string path, string file);

    [LoggerMessage(EventId = 1507, EventName = "SqliteFileReturned", Level = LogLevel.Information,
        Message = "The files of the credit database {File} are at their paths again.")]
    public static partial void FileReturned(this ILogger logger, string file);

    [LoggerMessage(EventId = 1508, EventName = "SqliteWriteCheckFailed", Level = LogLevel.Error,
        Message = "The credit database {File} cannot be written (SQLite error {Code}, extended {ExtendedCode}).")]
    public static partial void WriteCheckFailed(this ILogger logger, Exception exception, string file, int code, int extendedCode);

    [LoggerMessage(EventId = 1509, EventName = "SqliteCommandNotApplied", Level = LogLevel.Warning,
        Message = "{Command} was not applied, because the credit database is locked or read-only (SQLite error {Code}, extended "
            + "{ExtendedCode}).")]
    public static partial void CommandNotApplied(this ILogger logger, string command, int code, int extendedCode);

    [LoggerMessage(EventId = 1510, EventName = "SqliteHandedOver", Level = LogLevel.Information,
        Message = "The last request has ended, so the credit database {File} was closed for the next process. The host's other services "
            + "are still stopping. Their commands open the file again, or are busy once the next process uses it.")]
    public static partial void DatabaseHandedOver(this ILogger logger, string file);

    [LoggerMessage(EventId = 1511, EventName = "SqliteUpgraded", Level = LogLevel.Information,
        Message = "The credit database {File} was upgraded from schema version {From} to {To}. An earlier release can no longer open it.")]
    public static partial void DatabaseUpgraded(this ILogger logger, string file, long from, long to);

    [LoggerMessage(EventId = 1512, EventName = "SqliteUpgrading", Level = LogLevel.Information,
        Message = "The credit database {File} is being upgraded from schema version {From} to {To}.")]
    public static partial void UpgradingDatabase(this ILogger logger, string file, long from, long to);
}
