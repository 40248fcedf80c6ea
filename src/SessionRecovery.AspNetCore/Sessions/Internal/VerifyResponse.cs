namespace SessionRecovery.AspNetCore.Sessions.Internal;

internal sealed record VerifyResponse(bool Success, bool Valid, string UserId, DateTimeOffset? ExpiresAt);
