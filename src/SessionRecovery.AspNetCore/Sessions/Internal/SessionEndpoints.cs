using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Handles <c>POST /auth/verify</c> and <c>POST /session/end</c>.</summary>
internal static class SessionEndpoints
{
    public static EndpointDescription Verify { get; } = new(
        "VerifySession",
        "/auth/verify",
        "Session",
        "Verifies the access token of the request.",
        Problems.MalformedJson,
        Problems.TokenMismatch,
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge),
        Problems.VerifierUnavailable) { RequestBody = new RequestBodyMetadata(typeof(VerifyRequest), "application/json") };

    public static EndpointDescription End { get; } = new(
        "EndSession",
        "/session/end",
        "Session",
        "Removes what the server caches for the user and the token.",
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken);

    public static async Task<Results<JsonResult<VerifyResponse>, Problem>> VerifyAsync(
        HttpContext context,
        [FromServices] ITokenVerificationService verification,
        [FromServices] SessionRecoveryJson json,
        CancellationToken cancellationToken)
    {
        var (request, problem) = await RequestBody.ReadJsonAsync(context.Request, json.GetTypeInfo<VerifyRequest>()).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        if (request?.Token is { } sent && !IsSame(sent, session.Token))
        {
            return Problems.TokenMismatch;
        }

        var result = session.TokenIsCredential
            ? await verification.VerifyAsync(session, cancellationToken).ConfigureAwait(false)
            : TokenVerificationResult.Valid(session.User, session.ExpiresAt);
        return result.Status switch
        {
            TokenVerificationStatus.Valid when result.User == session.User =>
                new JsonResult<VerifyResponse>(new(Success: true, Valid: true, session.User.Value, result.ExpiresAt ?? session.ExpiresAt)),
            TokenVerificationStatus.Unavailable => Problems.VerifierUnavailable,
            _ => Problems.InvalidToken,
        };
    }

    public static async Task<NoContent> EndAsync(
        HttpContext context,
        [FromServices] ITokenVerificationService verification,
        [FromServices] SessionMetrics metrics,
        [FromServices] IServiceProvider services)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        services.GetService<ICreditService>()?.Forget(session.User);
        verification.Forget(session);
        if (session.Token is { } token)
        {
            services.GetService<IValidatedTokenCache>()?.Remove(token);
        }

        metrics.StateChanged("ended");
        return TypedResults.NoContent();
    }

    private static bool IsSame(string sent, AccessToken? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(token.Reveal()));
}
