namespace SessionRecovery.AspNetCore.Files.Internal;

internal sealed record FileLinkResponse(string Url, DateTimeOffset ExpiresAt);
