using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary><c>GET /auth/credits[?refresh=true]</c>.</summary>
internal static class CreditsEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        if (!CreditHeaders.TryReadVersionToken(context.Request, out var versionToken))
        {
            await context.Response.WriteAsync(Problems.InvalidCreditsVersion).ConfigureAwait(false);
            return;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var refresh = string.Equals(context.Request.Query["refresh"], "true", StringComparison.OrdinalIgnoreCase);
        var credits = context.RequestServices.GetRequiredService<ICreditService>();
        var reading = await credits.ReadAsync(session, new CreditReadOptions { Refresh = refresh, VersionToken = versionToken }, context.RequestAborted).ConfigureAwait(false);
        switch (reading.Status)
        {
            case CreditReadStatus.Unauthenticated:
                await context.Response.WriteAsync(Problems.InvalidToken).ConfigureAwait(false);
                break;
            case CreditReadStatus.Unavailable:
                await context.Response.WriteAsync(Problems.CreditsUnavailable).ConfigureAwait(false);
                break;
            default:
                CreditHeaders.Stamp(context.Response, session.User, reading.Balance);
                await context.Response.WriteAsync(StatusCodes.Status200OK, CreditsResponse.Of(session.User, reading), SessionRecoveryJsonContext.Default.CreditsResponse).ConfigureAwait(false);
                break;
        }
    }
}
