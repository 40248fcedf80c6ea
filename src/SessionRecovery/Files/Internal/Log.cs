using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 1401, EventName = "FileLost", Level = LogLevel.Error,
        Message = "The file {File} of {User} ({Size} bytes) has a row but no bytes: {Cause}.")]
    public static partial void FileLost(this ILogger logger, UserId user, string file, long size, FileLossCause cause);

    [LoggerMessage(EventId = 1402, EventName = "FileSaveFailed", Level = LogLevel.Error, Message = "A file of {User} could not be stored ({Error}).")]
    public static partial void FileSaveFailed(this ILogger logger, UserId user, string error);

    [LoggerMessage(EventId = 1403, EventName = "FileOpenFailed", Level = LogLevel.Error, Message = "A file of {User} could not be opened ({Error}).")]
    public static partial void FileOpenFailed(this ILogger logger, UserId user, string error);

    [LoggerMessage(EventId = 1404, EventName = "FileLeftBehind", Level = LogLevel.Warning, Message = "Bytes that nobody needs any more could not be deleted ({Error}).")]
    public static partial void FileLeftBehind(this ILogger logger, string error);
}
