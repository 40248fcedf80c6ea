using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>
/// Reports Degraded if a restart or a new container would lose the Data Protection keys, or if other users can read the keys.
/// </summary>
internal sealed class KeyRingHealthCheck(KeyRingHazard hazard) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var hazards = new List<string>();
        if (await hazard.FindAsync().ConfigureAwait(false) is ({ } place, { } advice))
        {
            hazards.Add($"The Data Protection keys are {place}. {advice}.");
        }

        if (hazard.FindReaders() is { } readers)
        {
            hazards.Add(readers);
        }

        return hazards.Count > 0
            ? HealthCheckResult.Degraded(string.Join(' ', hazards))
            : HealthCheckResult.Healthy("The Data Protection keys survive a restart, or nothing is protected with them.");
    }
}
