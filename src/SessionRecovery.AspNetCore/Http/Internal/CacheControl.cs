namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Defines values of the <c>Cache-Control</c> header.</summary>
internal static class CacheControl
{
    /// <summary>The value for responses that belong to one user.</summary>
    public const string Private = "private, no-store";
}
