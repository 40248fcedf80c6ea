using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Reports Degraded if a restart or a new container would lose the Data Protection keys, or if other users can read the keys.
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
