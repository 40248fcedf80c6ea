using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>Defines the log messages of the file store, with event ids from 1400 to 1449.</summary>
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

    [LoggerMessage(EventId = 1405, EventName = "FilesSwept", Level = LogLevel.Information,
        Message = "{Count} stored files without a manifest row were deleted.")]
    public static partial void FilesSwept(this ILogger logger, int count);

    [LoggerMessage(EventId = 1406, EventName = "FileSweepRefused", Level = LogLevel.Error,
        Message = "{Orphans} stored files have no manifest row and {Stored} have one. None was deleted, because the folder for files "
            + "probably belongs to another database. Check the connection string.")]
    public static partial void FileSweepRefused(this ILogger logger, int orphans, int stored);

    [LoggerMessage(EventId = 1407, EventName = "FileSweepFailed", Level = LogLevel.Warning,
        Message = "The search for stored files without a manifest row failed. It is repeated later.")]
    public static partial void FileSweepFailed(this ILogger logger, Exception exception);
}
