using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>Contains the public keys that Supabase Auth published at one moment. The type is immutable.</summary>
internal sealed class SigningKeySet
{
    /// <summary>The maximum length of a JWKS document, in bytes.</summary>
    public const int MaxLength = 256 * 1024;

    private const int MaxKeys = 32;

    private readonly FrozenDictionary<string, SecurityKey> _keys;

    private SigningKeySet(string json, DateTimeOffset confirmedAt, FrozenDictionary<string, SecurityKey> keys)
    {
        Json = json;
        ConfirmedAt = confirmedAt;
        _keys = keys;
    }

    /// <summary>Gets the JWKS document as JSON text. The keys are stored in this form.</summary>
    public string Json { get; }

    /// <summary>Gets the time at which Supabase Auth last confirmed the keys.</summary>
    public DateTimeOffset ConfirmedAt { get; }

    public IReadOnlyCollection<SecurityKey> Keys => _keys.Values;

    public SecurityKey? Find(string keyId) => _keys.GetValueOrDefault(keyId);

    /// <summary>
    /// Parses a JWKS document (RFC 7517). Returns <see langword="null"/> if the text is not a valid document. Only public keys for ES256
    /// and RS256 are accepted, because an attacker could sign tokens with a symmetric key from a public document.
    /// </summary>
    public static SigningKeySet? TryParse(string json, DateTimeOffset confirmedAt)
    {
        try
        {
            // The JWT library parses any JSON object as a key set. An empty key set would revoke all keys, so a document without a list of
            // keys is rejected.
            using (var root = JsonDocument.Parse(json))
            {
                if (root.RootElement.ValueKind != JsonValueKind.Object
                    || !root.RootElement.TryGetProperty("keys", out var list)
                    || list.ValueKind != JsonValueKind.Array)
                {
                    return null;
                }
            }

            var document = new JsonWebKeySet(json) { SkipUnresolvedJsonWebKeys = true };
            var keys = document.Keys
                .Where(static key => key is { Kid.Length: > 0 }
                    && key.Use is null or "" or "sig"
                    && key is { Kty: "EC", Crv: "P-256" } or { Kty: "RSA", KeySize: >= 2048 })
                .Take(MaxKeys)
                .GroupBy(static key => key.Kid, StringComparer.Ordinal)
                .ToFrozenDictionary(static keys => keys.Key, static SecurityKey (keys) => keys.First(), StringComparer.Ordinal);
            return new SigningKeySet(json, confirmedAt, keys);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }
}
