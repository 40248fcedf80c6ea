using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Diagnostics.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary><c>POST /auth/verify</c> and <c>POST /session/end</c>.</summary>
internal static class SessionEndpoints
{
    public static async Task VerifyAsync(HttpContext context)
    {
        var (request, problem) = await RequestBody.ReadJsonAsync(context.Request, SessionRecoveryJsonContext.Default.VerifyRequest).ConfigureAwait(false);
        if (problem is not null)
        {
            await context.Response.WriteAsync(problem).ConfigureAwait(false);
            return;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        if (request?.Token is { } sent && !IsSame(sent, session.Token))
        {
            await context.Response.WriteAsync(Problems.TokenMismatch).ConfigureAwait(false);
            return;
        }

        var verdict = session is { Token: { } token, TokenIsCredential: true }
            ? await context.RequestServices.GetRequiredService<IAccessTokenVerifier>().VerifyAsync(token, context.RequestAborted).ConfigureAwait(false)
            : TokenVerificationResult.Valid(session.User, session.ExpiresAt);
        await (verdict.Status switch
        {
            TokenVerificationStatus.Valid when verdict.User == session.User => context.Response.WriteAsync(
                StatusCodes.Status200OK,
                new VerifyResponse(Success: true, Valid: true, session.User.Value, verdict.ExpiresAt ?? session.ExpiresAt),
                SessionRecoveryJsonContext.Default.VerifyResponse),
            TokenVerificationStatus.Unavailable => context.Response.WriteAsync(Problems.AuthorityUnavailable),
            _ => context.Response.WriteAsync(Problems.InvalidToken),
        }).ConfigureAwait(false);
    }

    public static async Task EndAsync(HttpContext context)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        context.RequestServices.GetService<ICreditService>()?.Forget(session.User);
        if (session.Token is { } token)
        {
            context.RequestServices.GetService<ITokenValidationCache>()?.Forget(token);
        }

        context.RequestServices.GetRequiredService<WebMetrics>().AuthStateChanged("ended");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static bool IsSame(string sent, AccessToken? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(token.Reveal()));
}
