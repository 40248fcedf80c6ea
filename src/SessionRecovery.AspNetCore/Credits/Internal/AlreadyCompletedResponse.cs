namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The answer to a repeat whose first answer was too large to keep, streamed, or has been cleared.</summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
