using Microsoft.Extensions.Logging;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

internal static partial class Log
{
    [LoggerMessage(EventId = 2601, EventName = "SigningKeysNotFetched", Level = LogLevel.Warning, Message = "Supabase's signing keys could not be fetched ({Error}); the last ones are used as long as they may be.")]
    public static partial void KeysNotFetched(this ILogger logger, string error);

    [LoggerMessage(EventId = 2602, EventName = "SigningKeysUnreadable", Level = LogLevel.Warning, Message = "What came as Supabase's signing keys is no key set; the last ones are used as long as they may be.")]
    public static partial void KeysUnreadable(this ILogger logger);

    [LoggerMessage(EventId = 2603, EventName = "KeptKeysUnreadable", Level = LogLevel.Warning, Message = "The signing keys of an earlier process can't be used ({Error}).")]
    public static partial void KeptKeysUnreadable(this ILogger logger, string error);

    [LoggerMessage(EventId = 2604, EventName = "SigningKeysNotKept", Level = LogLevel.Warning, Message = "Supabase's signing keys could not be kept for the next start ({Error}).")]
    public static partial void KeysNotKept(this ILogger logger, string error);
}
