namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Marks an endpoint as a paid endpoint and specifies its price. An endpoint with the price 0 takes effect once per key and costs nothing.
/// </summary>
internal sealed record PaidEndpointMetadata(long Cost, bool IsStreaming)
{
    /// <summary>Gets the name of the method that the host called.</summary>
    public string Call => Cost > 0 ? "RequireCredits" : "RequireIdempotency";

    public string GetLedgerRequiredMessage(string? endpoint) =>
        $"{Call} on '{endpoint}' requires a ledger. Call builder.Services.AddSessionRecovery().UseSqlite(…), "
        + ".UseSupabase(…).UseSupabaseLedger() "
        + "or another store. UseCreditReader<T>() and UseSupabase() alone only read balances.";
}
