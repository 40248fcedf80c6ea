using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Health.Internal;

/// <summary><c>GET /session/health</c>: asks, changes nothing.</summary>
internal static class HealthEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var report = await services.GetRequiredService<ISessionHealthMonitor>().CheckAsync(session, context.RequestAborted).ConfigureAwait(false);
        long? retryAfter = report.Status == SessionHealthStatus.Inconclusive
            ? (long)services.GetRequiredService<IOptions<HealthOptions>>().Value.RetryAfter.TotalMilliseconds
            : null;
        var answer = new HealthResponse(
            HealthCheckResponse.ToStatus(report.Status),
            services.GetRequiredService<ISessionEpoch>().Current,
            report.Checks.Select(HealthCheckResponse.Of).ToList(),
            retryAfter);
        await context.Response.WriteAsync(StatusCodes.Status200OK, answer, SessionRecoveryJsonContext.Default.HealthResponse).ConfigureAwait(false);
    }
}
