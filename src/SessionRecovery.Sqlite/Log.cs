using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite;

/// <summary>Event names never change; no message carries an id, a key or a token.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1, EventName = "sqlite_opened", Level = LogLevel.Information, Message = "Opened the credit database {File}")]
    public static partial void Opened(ILogger logger, string file);

    [LoggerMessage(EventId = 2, EventName = "sqlite_created", Level = LogLevel.Information, Message = "Created the credit database {File}")]
    public static partial void Created(ILogger logger, string file);

    [LoggerMessage(EventId = 3, EventName = "sqlite_holds_recovered", Level = LogLevel.Information, Message = "Gave back {Count} holds whose work ended with an earlier process")]
    public static partial void HoldsRecovered(ILogger logger, int count);

    [LoggerMessage(EventId = 4, EventName = "sqlite_waiting_for_owner", Level = LogLevel.Information, Message = "Another process owns {File}; waiting for it to end")]
    public static partial void WaitingForOwner(ILogger logger, string file);

    [LoggerMessage(EventId = 5, EventName = "sqlite_closed", Level = LogLevel.Information, Message = "Closed the credit database {File}")]
    public static partial void Closed(ILogger logger, string file);
}
