using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Handles <c>GET /auth/credits/history[?before=version][&amp;limit=n]</c>, which returns a page of the user's own credit history.
/// </summary>
internal static class CreditHistoryEndpoint
{
    // The maximum number of entries in a page limits the size of a response. With the longest texts, 100 entries have about 100 KiB.
    private const int MaxLimit = 100;

    public static EndpointDescription Get { get; } = new(
        "GetCreditHistory",
        "/auth/credits/history",
        "Credits",
        "Gets a page of the user's statement, the newest entry first.",
        Problems.InvalidHistoryPage,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.CreditsUnavailable);

    public static async Task<Results<JsonResult<CreditHistoryResponse>, Problem>> GetAsync(
        HttpContext context,
        [FromServices] ICreditLedger ledger,
        [FromQuery] string? before,
        [FromQuery] string? limit,
        CancellationToken cancellationToken)
    {
        if (!TryParse(before, long.MaxValue, out var version) || !TryParse(limit, MaxLimit, out var count))
        {
            return Problems.InvalidHistoryPage;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        try
        {
            var page = await ledger
                .GetHistoryAsync(session.User, version, (int)(count ?? CreditHistoryPage.DefaultLimit), cancellationToken)
                .ConfigureAwait(false);
            return new JsonResult<CreditHistoryResponse>(CreditHistoryResponse.Create(page));
        }
        catch (CreditStoreException)
        {
            // The ledger has logged the cause.
            return Problems.CreditsUnavailable;
        }
    }

    private static bool TryParse(string? text, long max, out long? value)
    {
        value = null;
        if (text is null)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > max)
        {
            return false;
        }

        value = number;
        return true;
    }
}
