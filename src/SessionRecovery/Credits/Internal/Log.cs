using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Defines the log messages for credits, with event ids from 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, EventName = "CreditReadFailed", Level = LogLevel.Warning,
        Message = "The balance of {User} could not be read ({Reason}). A cached value is served as stale if there is one.")]
    public static partial void ReadFailed(this ILogger logger, Exception exception, UserId user, string reason);

    [LoggerMessage(EventId = 1002, EventName = "CreditCommandUnknown", Level = LogLevel.Warning,
        Message = "{Command} for {User} received no answer ({Reason}). It may have taken effect; repeating it with the same key is safe.")]
    public static partial void CommandFailed(this ILogger logger, Exception exception, string command, UserId user, string reason);

    [LoggerMessage(EventId = 1003, EventName = "AccountCreated", Level = LogLevel.Information,
        Message = "An account was created for {User}.")]
    public static partial void AccountCreated(this ILogger logger, UserId user);

    [LoggerMessage(EventId = 1004, EventName = "CreditCommandBusy", Level = LogLevel.Warning,
        Message = "{Command} for {User} did not take effect: the store was busy in every attempt.")]
    public static partial void CommandBusy(this ILogger logger, string command, UserId user);

    [LoggerMessage(EventId = 1005, EventName = "CreditCommandRejected", Level = LogLevel.Error,
        Message = "{Command} for {User} was rejected by the store and did not take effect ({Reason}). The store's configuration must be "
            + "corrected.")]
    public static partial void CommandRejected(this ILogger logger, Exception exception, string command, UserId user, string reason);

    [LoggerMessage(EventId = 1006, EventName = "CreditHistoryReadFailed", Level = LogLevel.Warning,
        Message = "The credit history of {User} could not be read ({Reason}).")]
    public static partial void HistoryReadFailed(this ILogger logger, Exception exception, UserId user, string reason);

    [LoggerMessage(EventId = 1007, EventName = "CreditReservationsReadFailed", Level = LogLevel.Warning,
        Message = "The open reservations could not be listed ({Reason}).")]
    public static partial void ReservationsReadFailed(this ILogger logger, Exception exception, string reason);
}
