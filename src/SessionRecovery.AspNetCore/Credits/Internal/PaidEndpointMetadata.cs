using System.Globalization;
using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Marks an endpoint as a paid endpoint and specifies its price. An endpoint with the price 0 takes effect once per key and costs nothing.
/// </summary>
internal sealed record PaidEndpointMetadata(long Cost, bool IsStreaming)
{
    /// <summary>Gets the function that computes the highest price of a request, or <see langword="null"/> for a fixed price.</summary>
    public Func<HttpContext, long>? Max { get; init; }

    /// <summary>Gets a value that indicates whether an attribute, and not a method call, sets the price.</summary>
    public bool IsAttribute { get; init; }

    public Problem[] Problems => this switch
    {
        { Max: not null } => PaidProblems.WithMax,
        { Cost: > 0 } => PaidProblems.All,
        _ => PaidProblems.WithoutPrice,
    };

    public bool HasPrice => Cost > 0 || Max is not null;

    /// <summary>Gets the name of the method that the host called, or of the attribute.</summary>
    public string Call => (HasPrice, IsAttribute) switch
    {
        (true, true) => "[RequireCredits]",
        (true, false) => "RequireCredits",
        (false, true) => "[RequireIdempotency]",
        (false, false) => "RequireIdempotency",
    };

    /// <summary>Gets the sentence about the price for the OpenAPI description, or <see langword="null"/> without a price.</summary>
    public string? PriceDescription => this switch
    {
        { Max: not null } => "The price depends on the request. "
            + "The highest price is reserved, and the request is charged at most that price.",
        { Cost: 1 } => "The request costs 1 credit.",
        { Cost: > 1 } => string.Create(CultureInfo.InvariantCulture, $"The request costs {Cost} credits."),
        _ => null,
    };

    /// <summary>Gets the price of a request.</summary>
    /// <exception cref="BadHttpRequestException">The host's price function rejected the request.</exception>
    /// <exception cref="InvalidOperationException">The host's price function returned an amount outside of the valid range.</exception>
    public PaidCost GetCost(HttpContext context)
    {
        if (Max is null)
        {
            return new PaidCost(Cost, IsMax: false);
        }

        var max = Max(context);
        return max is >= 1 and <= CreditCommand.MaxAmount
            ? new PaidCost(max, IsMax: true)
            : throw new InvalidOperationException(
                $"The price function of RequireCredits on '{context.GetEndpoint()?.DisplayName}' returned {max}; valid values are 1 to "
                + $"{CreditCommand.MaxAmount}. Nothing was reserved and nothing was charged.");
    }

    public string GetLedgerRequiredMessage(string? endpoint) =>
        $"{Call} on '{endpoint}' requires a ledger. Call builder.Services.AddSessionRecovery().UseSqlite(…), "
        + ".UseSupabase(…).UseSupabaseLedger() "
        + "or another store. UseCreditReader<T>() and UseSupabase() alone only read balances.";
}
