using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

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

    public static async Task<Results<CreditsResult, Problem>> GetAsync(
        HttpContext context,
        [FromServices] ICreditService credits,
        [FromHeader(Name = HeaderNames.CreditsVersion)] string? creditsVersion,
        [FromQuery] string? refresh,
        CancellationToken cancellationToken)
    {
        CreditVersionToken versionToken = default;
        if (creditsVersion is not null && !CreditVersionToken.TryParse(creditsVersion, null, out versionToken))
        {
            return Problems.InvalidCreditsVersion;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var options = new CreditReadOptions
        {
            Refresh = string.Equals(refresh, "true", StringComparison.OrdinalIgnoreCase),
            VersionToken = versionToken,
        };
        var result = await credits.ReadAsync(session, options, cancellationToken).ConfigureAwait(false);
        switch (result.Status)
        {
            case CreditReadStatus.Unauthenticated:
                return Problems.InvalidToken;
            case CreditReadStatus.Unavailable:
                return Problems.CreditsUnavailable;
            default:
                CreditHeaders.Write(context.Response, session, result.Balance);
                return new CreditsResult(CreditsResponse.Create(session.User, result));
        }
    }
}
