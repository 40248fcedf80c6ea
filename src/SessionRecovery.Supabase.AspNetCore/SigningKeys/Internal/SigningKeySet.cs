using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>The public keys that Auth named at one moment. Immutable.</summary>
internal sealed class SigningKeySet
{
    /// <summary>The largest document, in bytes.</summary>
    public const int MaxLength = 256 * 1024;

    private const int MaxKeys = 32;

    private readonly FrozenDictionary<string, SecurityKey> _keys;

    private SigningKeySet(string json, DateTimeOffset confirmedAt, FrozenDictionary<string, SecurityKey> keys)
    {
        Json = json;
        ConfirmedAt = confirmedAt;
        _keys = keys;
    }

    /// <summary>The document, for keeping.</summary>
    public string Json { get; }

    /// <summary>When Auth said so.</summary>
    public DateTimeOffset ConfirmedAt { get; }

    public IReadOnlyCollection<SecurityKey> Keys => _keys.Values;

    public SecurityKey? Find(string keyId) => _keys.GetValueOrDefault(keyId);

    /// <summary>
    /// Reads a JWKS; <see langword="null"/> when it is none. Only public keys for ES256 and RS256 are taken: a symmetric key in a public
    /// document would let everybody sign.
    /// </summary>
    public static SigningKeySet? TryParse(string json, DateTimeOffset confirmedAt)
    {
        try
        {
            // Any JSON object would do for the library, and no keys at all is a word of Auth's: only a list may say it.
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
