namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Marks an endpoint with its price. The price 0 means that the endpoint only takes effect once per key.</summary>
internal sealed record PaidEndpointMetadata(long Cost, bool IsStreaming)
{
    /// <summary>Gets the name of the method that the host called.</summary>
    public string Call => Cost > 0 ? "RequireCredits" : "RequireIdempotency";

    public string GetLedgerRequiredMessage(string? endpoint) =>
        $"{Call} on '{endpoint}' requires a ledger. Call builder.Services.AddSessionRecovery().UseSqlite(…), "
        + ".UseSupabase(…).UseSupabaseLedger() "
        + "or another store. UseCreditReader<T>() and UseSupabase() alone only read balances.";
}
