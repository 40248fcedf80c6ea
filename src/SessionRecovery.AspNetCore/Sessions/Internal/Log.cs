using Microsoft.Extensions.Logging;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Defines the log messages for sessions, with event ids from 1850 to 1899.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1850, EventName = "NoUserId", Level = LogLevel.Warning,
        Message = "A verified principal has no user id in the claims {Claims}, so its requests are answered 401 no_user_id. A token "
            + "of a service or an API key has none. If users are affected, name their claim in SessionRecovery:Session:{Option}. "
            + "Logged once.")]
    public static partial void NoUserId(this ILogger logger, string claims, string option);

    [LoggerMessage(EventId = 1851, EventName = "SchemeFailed", Level = LogLevel.Warning,
        Message = "The authentication scheme failed while it verified a token that is not the credential of its request.")]
    public static partial void SchemeFailed(this ILogger logger, Exception exception);
}
