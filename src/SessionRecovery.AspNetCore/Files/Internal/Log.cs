using Microsoft.Extensions.Logging;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>Defines the log messages of the file endpoints, with event ids from 1450 to 1499.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1451, EventName = "FilesUnavailable", Level = LogLevel.Error,
        Message = "Files could not be listed or deleted.")]
    public static partial void FilesUnavailable(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1452, EventName = "LinksInRequestLog", Level = LogLevel.Warning,
        Message = "The log category Microsoft.AspNetCore.Hosting.Diagnostics writes the query string of each request, which contains "
            + "signed links to files. Set its level to Warning.")]
    public static partial void LinksInRequestLog(this ILogger logger);
}
