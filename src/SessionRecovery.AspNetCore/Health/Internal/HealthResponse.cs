namespace SessionRecovery.AspNetCore.Health.Internal;

internal sealed record HealthResponse(string Status, string Epoch, IReadOnlyList<HealthCheckResponse> Checks, long? RetryAfterMs);
