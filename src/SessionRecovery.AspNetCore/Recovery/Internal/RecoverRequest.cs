namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary>The body of <c>POST /session/recover</c>.</summary>
internal sealed record RecoverRequest(string? Trigger);
