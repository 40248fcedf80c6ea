namespace SessionRecovery.AspNetCore.Recovery.Internal;

internal sealed record RecoveryStepResponse(string Name, bool Succeeded, string? Reason);
