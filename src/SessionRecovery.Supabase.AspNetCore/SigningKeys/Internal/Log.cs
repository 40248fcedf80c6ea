using Microsoft.Extensions.Logging;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>Defines the log messages for signing keys, with event ids from 1700 to 1799.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1701, EventName = "SigningKeysNotFetched", Level = LogLevel.Warning,
        Message = "Supabase's signing keys could not be fetched. The last known keys are used while they are trusted.")]
    public static partial void KeysNotFetched(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1702, EventName = "SigningKeysUnreadable", Level = LogLevel.Warning,
        Message = "The response for Supabase's signing keys is not a key set. The last known keys are used while they are trusted.")]
    public static partial void KeysUnreadable(this ILogger logger);

    [LoggerMessage(EventId = 1703, EventName = "StoredSigningKeysUnreadable", Level = LogLevel.Warning,
        Message = "The signing keys that an earlier process stored cannot be used.")]
    public static partial void StoredKeysUnreadable(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1704, EventName = "SigningKeysNotStored", Level = LogLevel.Warning,
        Message = "Supabase's signing keys could not be stored for the next start.")]
    public static partial void KeysNotStored(this ILogger logger, Exception exception);
}
