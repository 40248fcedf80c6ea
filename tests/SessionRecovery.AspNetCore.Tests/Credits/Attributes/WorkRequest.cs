namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

public sealed record WorkRequest(int Size);
