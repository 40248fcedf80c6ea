using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>Event ids 1400 to 1449.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1401, EventName = "FileLost", Level = LogLevel.Error,
        Message = "The file {File} of {User} ({Size} bytes) has a manifest row but no bytes ({Cause}).")]
    public static partial void FileLost(this ILogger logger, UserId user, string file, long size, FileLossCause cause);

    [LoggerMessage(EventId = 1402, EventName = "FileSaveFailed", Level = LogLevel.Error, Message = "A file of {User} could not be stored.")]
    public static partial void FileSaveFailed(this ILogger logger, Exception exception, UserId user);

    [LoggerMessage(EventId = 1403, EventName = "FileOpenFailed", Level = LogLevel.Error, Message = "A file of {User} could not be opened.")]
    public static partial void FileOpenFailed(this ILogger logger, Exception exception, UserId user);

    [LoggerMessage(EventId = 1404, EventName = "FileLeftBehind", Level = LogLevel.Warning,
        Message = "A file that is no longer needed could not be deleted.")]
    public static partial void FileLeftBehind(this ILogger logger, Exception exception);
}
