using Microsoft.Extensions.Logging;

namespace SessionRecovery.AspNetCore.Files.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 2401, EventName = "FilesUnavailable", Level = LogLevel.Error, Message = "Files could not be listed or deleted ({Error}).")]
    public static partial void FilesUnavailable(this ILogger logger, string error);

    [LoggerMessage(EventId = 2402, EventName = "LinksInRequestLog", Level = LogLevel.Warning,
        Message = "The category Microsoft.AspNetCore.Hosting.Diagnostics logs the query of each request, and with it signed links, which open a file for 15 minutes. Set it to Warning.")]
    public static partial void LinksInRequestLog(this ILogger logger);
}
