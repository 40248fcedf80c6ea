using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Health.Internal;

/// <summary>Handles <c>GET /session/health</c>. A health check has no side effects.</summary>
internal static class HealthEndpoint
{
    public static EndpointDescription Get { get; } = new(
        "GetSessionHealth",
        "/session/health",
        "Session",
        "Checks the health of the session, without side effects.",
        Problems.Unauthenticated,
        Problems.InvalidToken);

    public static async Task<JsonResult<HealthResponse>> GetAsync(
        HttpContext context,
        [FromServices] ISessionHealthMonitor monitor,
        [FromServices] ISessionEpoch epoch,
        [FromServices] IOptions<HealthOptions> options,
        CancellationToken cancellationToken)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var report = await monitor.CheckAsync(session, cancellationToken).ConfigureAwait(false);
        long? retryAfter = report.Status == SessionHealthStatus.Inconclusive ? (long)options.Value.RetryAfter.TotalMilliseconds : null;
        return new JsonResult<HealthResponse>(new(
            HealthCheckResponse.ToWireName(report.Status),
            epoch.Current,
            report.Entries.Select(HealthCheckResponse.Create).ToList(),
            retryAfter));
    }
}
