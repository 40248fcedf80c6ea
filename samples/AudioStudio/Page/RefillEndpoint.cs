using System.Globalization;
using AudioStudio.Waveforms;
using Microsoft.AspNetCore.Http.HttpResults;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Credits;

namespace AudioStudio.Page;

/// <summary>
/// Maps the endpoint <c>POST /studio/refill</c>, which grants credits to a user in the same way as a purchase. The endpoint exists only in
/// Development, because the credits are free. The sample in samples/Steps/Purchases shows a real purchase.
/// </summary>
internal static class RefillEndpoint
{
    private const int Amount = 100;

    public static void MapRefill(this IEndpointRouteBuilder studio) => studio.MapPost("/refill", RefillAsync).RequireAuthorization();

    private static async Task<Results<NoContent, ProblemHttpResult>> RefillAsync(
        HttpContext context, ICreditService credits, ICreditLedger ledger, CancellationToken cancellationToken)
    {
        var session = await context.GetUserSessionAsync();
        var read = await credits.RefreshAsync(session, cancellationToken);
        if (read is not { Status: CreditReadStatus.Current, Balance: { Version: { } version } balance })
        {
            return Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", "The balance can't be read at the moment.");
        }

        if (balance.Available >= WaveformEndpoint.Cost)
        {
            return Problem(StatusCodes.Status409Conflict, "not_needed", "You have credits left.");
        }

        // The idempotency key contains the version of the balance. The two requests of a double click read the same version, so the credits
        // are added once.
        var key = IdempotencyKey.Create(string.Create(CultureInfo.InvariantCulture, $"studio-refill:{version}"));
        var granted = await ledger.GrantAsync(session.User, Amount, key, "Refill", cancellationToken);
        return granted.Succeeded
            ? TypedResults.NoContent()
            : Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", "The credits were not added. Try again.");
    }

    private static ProblemHttpResult Problem(int status, string code, string sentence) =>
        TypedResults.Problem(detail: sentence, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
