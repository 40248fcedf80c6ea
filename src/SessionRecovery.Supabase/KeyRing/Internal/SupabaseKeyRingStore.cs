using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using SessionRecovery.KeyRing;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>Stores the key ring in the private schema of the project's database. The store requires the secret key.</summary>
internal sealed class SupabaseKeyRingStore(
    Postgrest rest, SupabaseRetry retry, IOptions<SupabaseOptions> options) : IKeyRingStore
{
    public async ValueTask<IReadOnlyList<KeyRingElement>> ReadAsync(CancellationToken cancellationToken)
    {
        var response = await CallAsync("read_key_ring", new ReadArguments(), KeyRingJson.Default.ReadArguments, cancellationToken)
            .ConfigureAwait(false);
        return response.Elements is { } rows && rows.All(static row => row is { Name.Length: > 0, Xml.Length: > 0 })
            ? [.. rows.Select(static row => KeyRingElement.Create(row.Name!, row.Xml!))]
            : throw SupabaseException.Unreadable();
    }

    // The call may be repeated, because the function ignores an element whose name already exists.
    public async ValueTask AddAsync(KeyRingElement element, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(element);
        await CallAsync(
            "add_key_ring_element",
            new AddArguments(element.Name, element.Xml),
            KeyRingJson.Default.AddArguments,
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<KeyRingResponse> CallAsync<T>(
        string function, T arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.Value.SecretKey))
        {
            throw new InvalidOperationException(
                "SessionRecovery:Supabase:SecretKey (SUPABASE_SERVICE_ROLE_KEY) is required by PersistDataProtectionKeys().");
        }

        try
        {
            var response = await retry.SendAsync(
                token => rest.CallAsync(
                    function, arguments, type, KeyRingJson.Default.KeyRingResponse, SupabaseCredential.Server, token),
                cancellationToken).ConfigureAwait(false);
            return response.Outcome is "ok" ? response : throw SupabaseException.Unreadable();
        }
        catch (SupabaseException exception) when (Explain(exception.Failure) is { } message)
        {
            throw new InvalidOperationException(message, exception);
        }
    }

    private string? Explain(SupabaseFailure failure) => failure.Fault switch
    {
        SupabaseFault.NotDefined => $"PersistDataProtectionKeys() requires the migration 20260801000800_session_recovery_key_ring, which "
            + $"Supabase at {options.Value.Url} lacks ({failure.Code}). Apply it as docs/supabase.md describes. If it was applied just "
            + "now, run NOTIFY pgrst, 'reload schema'.",
        SupabaseFault.Denied => $"The secret key may not read the key ring ({failure.Code}): apply the migrations again; they grant the "
            + "right.",
        SupabaseFault.KeyRejected => $"Supabase at {options.Value.Url} rejected SupabaseOptions.SecretKey ({failure.Code}).",
        _ => null,
    };
}
