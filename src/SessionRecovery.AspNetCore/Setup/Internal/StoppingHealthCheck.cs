using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Fails as soon as the host begins to stop, so that a load balancer sends new requests to other instances while the running requests
/// complete.
/// </summary>
internal sealed class StoppingHealthCheck(IHostApplicationLifetime host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(host.ApplicationStopping.IsCancellationRequested
            ? new HealthCheckResult(context.Registration.FailureStatus, "The host is stopping.")
            : HealthCheckResult.Healthy("The host is running."));
}
