namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Marks an endpoint as a paid endpoint and specifies its price.</summary>
internal sealed record PaidEndpointMetadata(long Cost, bool IsStreaming)
{
    public static string GetLedgerRequiredMessage(string? endpoint) =>
        $"RequireCredits on '{endpoint}' requires a ledger. Call builder.Services.AddSessionRecovery().UseSqlite(…), "
        + ".UseSupabase(…).UseSupabaseLedger() "
        + "or another store. UseCreditReader<T>() and UseSupabase() alone only read balances.";
}
