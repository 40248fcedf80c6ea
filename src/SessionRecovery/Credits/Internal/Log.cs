using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 1001, EventName = "CreditReadFailed", Level = LogLevel.Warning,
        Message = "The balance of {User} could not be read ({Reason}); an earlier value is shown as stale if there is one.")]
    public static partial void ReadFailed(this ILogger logger, UserId user, string reason);

    [LoggerMessage(EventId = 1002, EventName = "CreditCommandUnknown", Level = LogLevel.Warning,
        Message = "No answer came to {Command} for {User} ({Reason}): it may have happened, and its key is safe to repeat.")]
    public static partial void CommandFailed(this ILogger logger, string command, UserId user, string reason);

    [LoggerMessage(EventId = 1003, EventName = "AccountOpened", Level = LogLevel.Information, Message = "An account was opened for {User}.")]
    public static partial void AccountOpened(this ILogger logger, UserId user);

    [LoggerMessage(EventId = 1004, EventName = "CreditCommandBusy", Level = LogLevel.Warning,
        Message = "The store had no turn for {Command} for {User} in all its tries; the last one did nothing.")]
    public static partial void CommandBusy(this ILogger logger, string command, UserId user);
}
