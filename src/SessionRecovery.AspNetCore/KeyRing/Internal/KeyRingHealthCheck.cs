using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Is degraded while the Data Protection keys are where a restart or a new container loses them, or where other users can read them.
/// </summary>
internal sealed class KeyRingHealthCheck(KeyRingHazard hazard) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await hazard.FindAsync().ConfigureAwait(false) is { } place
            ? HealthCheckResult.Degraded($"The Data Protection keys are {place}. {KeyRingHazard.Advice}.")
            : hazard.FindReaders() is { } readers
            ? HealthCheckResult.Degraded(readers)
            : HealthCheckResult.Healthy("The Data Protection keys survive a restart, or nothing is protected with them.");
}
