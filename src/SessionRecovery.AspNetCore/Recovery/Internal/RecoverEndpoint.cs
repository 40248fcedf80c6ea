using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Diagnostics.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Recovery;

namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary><c>POST /session/recover {trigger}</c>.</summary>
internal static class RecoverEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        var (request, problem) = await RequestBody.ReadJsonAsync(context.Request, SessionRecoveryJsonContext.Default.RecoverRequest).ConfigureAwait(false);
        if (problem is not null)
        {
            await context.Response.WriteAsync(problem).ConfigureAwait(false);
            return;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var recovery = context.RequestServices.GetRequiredService<ISessionRecoveryService>();
        var report = await recovery.RecoverAsync(session, request?.Trigger ?? "other", context.RequestAborted).ConfigureAwait(false);
        if (report.RetryAfter is { } retryAfter)
        {
            await context.Response.WriteAsync(Problems.RecoveryCooldown(retryAfter)).ConfigureAwait(false);
            return;
        }

        if (report is { Outcome: SessionRecoveryOutcome.Recovered, Repeated: false })
        {
            context.RequestServices.GetRequiredService<WebMetrics>().AuthStateChanged("recovered");
        }

        CreditHeaders.Stamp(context.Response, session.User, report.Credits.Balance);
        await context.Response.WriteAsync(StatusCodes.Status200OK, RecoverResponse.Of(session.User, report), SessionRecoveryJsonContext.Default.RecoverResponse).ConfigureAwait(false);
    }
}
