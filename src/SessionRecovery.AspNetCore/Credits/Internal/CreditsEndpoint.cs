using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Handles <c>GET /auth/credits[?refresh=true]</c>, which returns the user's balance.</summary>
internal static class CreditsEndpoint
{
    public static EndpointDescription Get { get; } = new(
        "GetCredits",
        "/auth/credits",
        "Credits",
        "Gets the user's balance.",
        Problems.InvalidCreditsVersion,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.CreditsUnavailable);

    public static Task<Results<CreditsResult, Problem>> GetAsync(
        HttpContext context,
        [FromServices] ICreditService credits,
        [FromHeader(Name = HeaderNames.CreditsVersion)] string? creditsVersion,
        [FromQuery] string? refresh,
        CancellationToken cancellationToken)
    {
        CreditVersionToken versionToken = default;
        if (creditsVersion is not null && !CreditVersionToken.TryParse(creditsVersion, null, out versionToken))
        {
            return Task.FromResult<Results<CreditsResult, Problem>>(Problems.InvalidCreditsVersion);
        }

        var options = new CreditReadOptions
        {
            Refresh = string.Equals(refresh, "true", StringComparison.OrdinalIgnoreCase),
            VersionToken = versionToken,
        };

        // The session and a cached balance are usually available at once, so this path needs no state machine.
        var find = context.GetUserSessionAsync();
        return find.IsCompletedSuccessfully
            ? ReadAsync(context.Response, find.Result, credits, options, cancellationToken)
            : FindAndReadAsync(context.Response, find, credits, options, cancellationToken);
    }

    private static async Task<Results<CreditsResult, Problem>> FindAndReadAsync(
        HttpResponse response,
        ValueTask<UserSession> find,
        ICreditService credits,
        CreditReadOptions options,
        CancellationToken cancellationToken)
    {
        var session = await find.ConfigureAwait(false);
        return await ReadAsync(response, session, credits, options, cancellationToken).ConfigureAwait(false);
    }

    private static Task<Results<CreditsResult, Problem>> ReadAsync(
        HttpResponse response,
        UserSession session,
        ICreditService credits,
        CreditReadOptions options,
        CancellationToken cancellationToken)
    {
        var read = credits.ReadAsync(session, options, cancellationToken);
        return read.IsCompletedSuccessfully
            ? Task.FromResult(CreateResult(response, session, read.Result))
            : WaitAsync(response, session, read);
    }

    private static async Task<Results<CreditsResult, Problem>> WaitAsync(
        HttpResponse response, UserSession session, ValueTask<CreditReadResult> read) =>
        CreateResult(response, session, await read.ConfigureAwait(false));

    private static Results<CreditsResult, Problem> CreateResult(HttpResponse response, UserSession session, CreditReadResult result)
    {
        switch (result.Status)
        {
            case CreditReadStatus.Unauthenticated:
                return Problems.InvalidToken;
            case CreditReadStatus.Unavailable:
                return Problems.CreditsUnavailable;
            default:
                var balance = BalanceResponse.Get(session, result);
                balance.WriteHeaders(response);
                return new CreditsResult(balance.Body);
        }
    }
}
