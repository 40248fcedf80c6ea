using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Recovery;

namespace SessionRecovery.AspNetCore.Recovery.Internal;

/// <summary>Handles <c>POST /session/recover</c>, whose body contains the trigger of the recovery.</summary>
internal static class RecoverEndpoint
{
    public static EndpointDescription Post { get; } = new(
        "RecoverSession",
        "/session/recover",
        "Session",
        "Recovers the session if it is unhealthy.",
        Problems.MalformedJson,
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge),
        Problems.RecoveryCooldown(TimeSpan.Zero)) { RequestBody = new RequestBodyMetadata(typeof(RecoverRequest), "application/json") };

    public static async Task<Results<JsonResult<RecoverResponse>, Problem>> PostAsync(
        HttpContext context,
        [FromServices] ISessionRecoveryService recovery,
        [FromServices] SessionMetrics metrics,
        [FromServices] SessionRecoveryJson json,
        CancellationToken cancellationToken)
    {
        var (request, problem) = await RequestBody.ReadJsonAsync(context.Request, json.GetTypeInfo<RecoverRequest>()).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var result = await recovery.RecoverAsync(session, request?.Trigger ?? "other", cancellationToken).ConfigureAwait(false);
        if (result.RetryAfter is { } retryAfter)
        {
            return Problems.RecoveryCooldown(retryAfter);
        }

        if (result is { Outcome: SessionRecoveryOutcome.Recovered, Repeated: false })
        {
            metrics.StateChanged("recovered");
        }

        CreditHeaders.Write(context.Response, session, result.Credits.Balance);
        return new JsonResult<RecoverResponse>(RecoverResponse.Create(session.User, result));
    }
}
