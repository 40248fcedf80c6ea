namespace SessionRecovery.AspNetCore.Recovery.Internal;

internal sealed record StepAnswer(string Name, bool Succeeded, string? Reason);
