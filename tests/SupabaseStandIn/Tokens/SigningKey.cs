using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tokens;

/// <summary>One key: an ES256 pair with an id, or the legacy secret, whose tokens carry no id.</summary>
internal sealed class SigningKey : IDisposable
{
    public const string LegacyId = "legacy";

    private readonly byte[]? _secret;
    private readonly ECDsa? _pair;

    private SigningKey(string id, KeyState state, byte[]? secret, ECDsa? pair)
    {
        Id = id;
        State = state;
        _secret = secret;
        _pair = pair;
    }

    public string Id { get; }

    public KeyState State { get; }

    public string Algorithm => _pair is null ? "HS256" : "ES256";

    public static string NewPair()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return pair.ExportPkcs8PrivateKeyPem();
    }

    public static SigningKey Load(string id, string algorithm, string material, KeyState state)
    {
        if (algorithm == "HS256")
        {
            return new SigningKey(id, state, Encoding.UTF8.GetBytes(material), null);
        }

        var pair = ECDsa.Create();
        pair.ImportFromPem(material);
        return new SigningKey(id, state, null, pair);
    }

    public byte[] Sign(byte[] data) => _pair is null ? HMACSHA256.HashData(_secret!, data) : _pair.SignData(data, HashAlgorithmName.SHA256);

    public bool Verifies(byte[] data, byte[] signature) => _pair is null
        ? CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_secret!, data), signature)
        : _pair.VerifyData(data, signature, HashAlgorithmName.SHA256);

    /// <summary>The public half as JWKS lists it; null for a secret.</summary>
    public JsonObject? Published()
    {
        if (_pair is null)
        {
            return null;
        }

        var parameters = _pair.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["alg"] = "ES256",
            ["crv"] = "P-256",
            ["key_ops"] = new JsonArray("verify"),
            ["kid"] = Id,
            ["kty"] = "EC",
            ["use"] = "sig",
            ["x"] = Base64Url.Encode(parameters.Q.X),
            ["y"] = Base64Url.Encode(parameters.Q.Y),
        };
    }

    public void Dispose() => _pair?.Dispose();
}
