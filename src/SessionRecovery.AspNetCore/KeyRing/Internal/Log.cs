using Microsoft.Extensions.Logging;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>Defines the log messages of the key ring, with event ids from 1900 to 1949.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1900, EventName = "KeysNotEncrypted", Level = LogLevel.Warning,
        Message = "The Data Protection keys are stored beside the credits without encryption. A reader of the store can create sign-in "
            + "cookies. Call builder.Services.AddDataProtection().ProtectKeysWith…().")]
    public static partial void KeysNotEncrypted(this ILogger logger);

    [LoggerMessage(EventId = 1901, EventName = "KeyRingUnavailableAtStart", Level = LogLevel.Warning,
        Message = "The Data Protection keys could not be loaded at start. Sign-ins by cookie are answered 503 until they can be loaded.")]
    public static partial void UnavailableAtStart(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1902, EventName = "KeyRingElementUnreadable", Level = LogLevel.Error,
        Message = "The element {Name} of the Data Protection key ring is not XML (line {Line}) and is ignored.")]
    public static partial void ElementUnreadable(this ILogger logger, string name, int line);

    [LoggerMessage(EventId = 1903, EventName = "KeyRepositoryReplaced", Level = LogLevel.Warning,
        Message = "The host configures the key repository {Repository} and calls PersistDataProtectionKeys(). The keys are stored beside "
            + "the credits; keys in the other repository are not read. Remove one of the calls.")]
    public static partial void RepositoryReplaced(this ILogger logger, string repository);

    [LoggerMessage(EventId = 1904, EventName = "KeysDoNotSurvive", Level = LogLevel.Warning,
        Message = "The Data Protection keys are {Place}. If they are lost with it, all users are signed out and all signed links end. "
            + "{Advice}.")]
    public static partial void KeysDoNotSurvive(this ILogger logger, string place, string advice);
}
