namespace SessionRecovery.AspNetCore.Files.Internal;

internal sealed record LinkAnswer(string Url, DateTimeOffset ExpiresAt);
