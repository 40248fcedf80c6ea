using System.Text.Json.Serialization.Metadata;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Calls the database functions of the ledger. A response without an outcome, for example from a proxy, is treated as an outage.
/// </summary>
internal sealed class LedgerFunctions(Postgrest rest)
{
    public async Task<LedgerResponse> CallAsync<T>(
        string function, T arguments, JsonTypeInfo<T> type, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var response = await rest.CallAsync(function, arguments, type, LedgerJson.Default.LedgerResponse, credential, cancellationToken)
            .ConfigureAwait(false);
        return response.Outcome is null ? throw SupabaseException.Unreadable() : response;
    }

    public Task<LedgerResponse> CallAsync(string function, SupabaseCredential credential, CancellationToken cancellationToken) =>
        CallAsync(function, new NoArguments(), LedgerJson.Default.NoArguments, credential, cancellationToken);
}
