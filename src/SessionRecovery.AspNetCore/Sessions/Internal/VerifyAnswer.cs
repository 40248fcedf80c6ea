namespace SessionRecovery.AspNetCore.Sessions.Internal;

internal sealed record VerifyAnswer(bool Success, bool Valid, string UserId, DateTimeOffset? ExpiresAt);
