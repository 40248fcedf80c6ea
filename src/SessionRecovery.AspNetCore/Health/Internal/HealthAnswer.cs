namespace SessionRecovery.AspNetCore.Health.Internal;

internal sealed record HealthAnswer(string Status, string Epoch, IReadOnlyList<CheckAnswer> Checks, long? RetryAfterMs);
