using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionRecovery.Warming;

namespace SessionRecovery.AspNetCore.Warming.Internal;

/// <summary>
/// Reports healthy when the warm-up has ended. After a failed warm-up, the status is only degraded: the balances that are missing in the
/// cache are read from the store when users request them.
/// </summary>
internal sealed class CacheWarmingHealthCheck(ICacheWarmer? warmer = null) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(warmer switch
        {
            null => HealthCheckResult.Healthy("The host has no credits."),
            { LastResult: null } => new HealthCheckResult(context.Registration.FailureStatus, "The cache is being warmed."),
            { LastResult: { } result } => result.Outcome is CacheWarmingOutcome.Failed or CacheWarmingOutcome.TimedOut
                ? HealthCheckResult.Degraded(
                    "The cache could not be warmed; balances are read from the store on demand.", data: GetData(result))
                : HealthCheckResult.Healthy("The cache is warm.", GetData(result)),
        });

    private static Dictionary<string, object> GetData(CacheWarmingResult result) => new()
    {
        ["users"] = result.Users,
        ["filled"] = result.Filled,
        ["newer"] = result.Newer,
        ["duration_ms"] = result.Duration.TotalMilliseconds,
    };
}
