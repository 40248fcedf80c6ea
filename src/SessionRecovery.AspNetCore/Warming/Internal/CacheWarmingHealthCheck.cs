using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionRecovery.Warming;

namespace SessionRecovery.AspNetCore.Warming.Internal;

/// <summary>Says when the warm-up has ended. A failed one is no reason to hold traffic back: reads go to the store one by one.</summary>
internal sealed class CacheWarmingHealthCheck(ICacheWarmer? warmer = null) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(warmer switch
        {
            null => HealthCheckResult.Healthy("There are no credits to warm."),
            { LastReport: null } => new HealthCheckResult(context.Registration.FailureStatus, "The cache is being warmed."),
            { LastReport: { } report } => report.Outcome is CacheWarmingOutcome.Failed or CacheWarmingOutcome.TimedOut
                ? HealthCheckResult.Degraded("The cache could not be warmed; balances are read as users come.", data: GetData(report))
                : HealthCheckResult.Healthy("The cache is warm.", GetData(report)),
        });

    private static Dictionary<string, object> GetData(CacheWarmingResult report) => new()
    {
        ["users"] = report.Users,
        ["filled"] = report.Filled,
        ["newer"] = report.Newer,
        ["duration_ms"] = report.Duration.TotalMilliseconds,
    };
}
