namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Marks a paid endpoint with its price.</summary>
internal sealed record PaidEndpointMetadata(long Cost)
{
    public static string NeedsLedger(string? endpoint) =>
        $"RequireCredits on '{endpoint}' needs a ledger, and there is none. Call builder.Services.AddSessionRecovery().UseSqlite(…), or on Supabase .UseSupabase(…).UseSupabaseLedger(), or another store; UseCreditReader<T>() and UseSupabase() alone only read.";
}
