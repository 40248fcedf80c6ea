using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Reads tables and calls functions through PostgREST. If a response does not have a 2xx status, the methods throw a <see
/// cref="SupabaseException"/>.
/// </summary>
internal sealed class Postgrest(SupabaseConnection connection, TimeProvider time)
{
    private const string Root = "/rest/v1/";

    /// <summary>Reads rows of a table. The values in the query must already be escaped.</summary>
    public async Task<T> SelectAsync<T>(
        string table, string query, JsonTypeInfo<T> type, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var response = await connection.GetAsync($"{Root}{table}?{query}", credential, cancellationToken).ConfigureAwait(false);
        return Read(response, type, credential);
    }

    /// <summary>Calls a database function. The arguments are sent by name in the request body.</summary>
    public async Task<TResult> CallAsync<TArguments, TResult>(
        string function,
        TArguments arguments,
        JsonTypeInfo<TArguments> argumentsType,
        JsonTypeInfo<TResult> type,
        SupabaseCredential credential,
        CancellationToken cancellationToken)
    {
        var response = await connection.PostAsync($"{Root}rpc/{function}", arguments, argumentsType, credential, cancellationToken)
            .ConfigureAwait(false);
        return Read(response, type, credential);
    }

    private T Read<T>(SupabaseResponse response, JsonTypeInfo<T> type, SupabaseCredential credential)
    {
        if (!response.Succeeded)
        {
            throw SupabaseException.Create(credential.IsUser
                ? SupabaseErrorClassifier.ClassifyRestForUser(response, credential.IsExpired(time.GetUtcNow()))
                : SupabaseErrorClassifier.ClassifyRest(response));
        }

        try
        {
            return JsonSerializer.Deserialize(response.Body.Span, type) ?? throw SupabaseException.Unreadable();
        }
        catch (JsonException exception)
        {
            throw SupabaseException.Unreadable(exception);
        }
    }
}
