using Microsoft.Extensions.Logging;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Defines the log messages of paid requests, with event ids from 1800 to 1849.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1800, EventName = "BodyNotBuffered", Level = LogLevel.Error,
        Message = "The body of a paid request could not be buffered. Check the space and the permissions of the temporary folder.")]
    public static partial void BodyNotBuffered(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1801, EventName = "BodyConsumed", Level = LogLevel.Error,
        Message = "A middleware read the body of a paid request and did not buffer it, so the request cannot be identified. Call "
            + "Request.EnableBuffering() before it reads the body.")]
    public static partial void BodyConsumed(this ILogger logger);
}
