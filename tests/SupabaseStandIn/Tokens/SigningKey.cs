using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tokens;

/// <summary>
/// Represents a signing key, which is either a key pair with an id or the legacy secret. A token that is signed with the legacy secret
/// contains no key id.
/// </summary>
internal sealed class SigningKey : IDisposable
{
    public const string LegacyId = "legacy";

    private readonly byte[]? _secret;
    private readonly AsymmetricAlgorithm? _pair;

    private SigningKey(string id, KeyState state, SigningAlgorithm algorithm, byte[]? secret, AsymmetricAlgorithm? pair)
    {
        Id = id;
        State = state;
        Algorithm = algorithm.ToString();
        _secret = secret;
        _pair = pair;
    }

    public string Id { get; }

    public KeyState State { get; }

    /// <summary>Gets the name of the algorithm in the header of a token.</summary>
    public string Algorithm { get; }

    /// <summary>Creates a private key or a secret in the format that <see cref="Load"/> reads.</summary>
    public static string NewMaterial(SigningAlgorithm algorithm)
    {
        if (algorithm == SigningAlgorithm.HS256)
        {
            return Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        }

        using AsymmetricAlgorithm pair = algorithm == SigningAlgorithm.ES256
            ? ECDsa.Create(ECCurve.NamedCurves.nistP256)
            : RSA.Create(2048);
        return pair.ExportPkcs8PrivateKeyPem();
    }

    public static SigningKey Load(string id, SigningAlgorithm algorithm, string material, KeyState state)
    {
        if (algorithm == SigningAlgorithm.HS256)
        {
            return new SigningKey(id, state, algorithm, Encoding.UTF8.GetBytes(material), null);
        }

        AsymmetricAlgorithm pair = algorithm == SigningAlgorithm.ES256 ? ECDsa.Create() : RSA.Create();
        pair.ImportFromPem(material);
        return new SigningKey(id, state, algorithm, null, pair);
    }

    public byte[] Sign(byte[] data) => _pair switch
    {
        ECDsa curve => curve.SignData(data, HashAlgorithmName.SHA256),
        RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => HMACSHA256.HashData(_secret!, data),
    };

    public bool Verifies(byte[] data, byte[] signature) => _pair switch
    {
        ECDsa curve => curve.VerifyData(data, signature, HashAlgorithmName.SHA256),
        RSA rsa => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_secret!, data), signature),
    };

    /// <summary>Returns the public key in JWKS format, or null if the key is the legacy secret.</summary>
    public JsonObject? Published()
    {
        switch (_pair)
        {
            case ECDsa curve:
                var point = curve.ExportParameters(includePrivateParameters: false).Q;
                return Published("EC", ("crv", "P-256"), ("x", Base64Url.Encode(point.X)), ("y", Base64Url.Encode(point.Y)));
            case RSA rsa:
                var numbers = rsa.ExportParameters(includePrivateParameters: false);
                return Published("RSA", ("e", Base64Url.Encode(numbers.Exponent)), ("n", Base64Url.Encode(numbers.Modulus)));
            default:
                return null;
        }
    }

    public void Dispose() => _pair?.Dispose();

    private JsonObject Published(string type, params (string Name, string Value)[] numbers)
    {
        var key =
            new JsonObject { ["alg"] = Algorithm, ["key_ops"] = new JsonArray("verify"), ["kid"] = Id, ["kty"] = type, ["use"] = "sig" };
        foreach (var (name, value) in numbers)
        {
            key[name] = value;
        }

        return key;
    }
}
