using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SessionRecovery.AspNetCore.Tests.Supabase;

/// <summary>
/// Simulates the part of Supabase Auth that signs tokens and publishes public keys. Tests can simulate an outage and read the number of
/// requests.
/// </summary>
internal sealed class FakeAuth : HttpMessageHandler
{
    public const string Address = "https://project.supabase.test";

    private readonly Dictionary<string, ECDsa> _keys = [];
    private readonly List<string> _listed = [];
    private int _fetches;

    public int Fetches => Volatile.Read(ref _fetches);

    public bool IsDown { get; set; }

    /// <summary>Gets or sets a response body that replaces the published keys.</summary>
    public string? KeyResponse { get; set; }

    public string AddKey(string keyId)
    {
        _keys[keyId] = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _listed.Add(keyId);
        return keyId;
    }

    public void Revoke(string keyId) => _listed.Remove(keyId);

    public string Token(string keyId, DateTimeOffset expiresAt, string user = "ada", Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["sub"] = user,
            ["aud"] = "authenticated",
            ["iss"] = $"{Address}/auth/v1",
            ["iat"] = expiresAt.AddHours(-1).ToUnixTimeSeconds(),
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
            ["role"] = "authenticated",
            ["email"] = $"{user}@example.com",
            ["session_id"] = Guid.NewGuid().ToString(),
        };
        change?.Invoke(claims);
        var content = Part($$"""{"alg":"ES256","typ":"JWT","kid":"{{keyId}}"}""") + "." + Part(claims.ToJsonString());
        return content + "." + Base64Url.EncodeToString(_keys[keyId].SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
    }

    public static string SymmetricToken(string secret, DateTimeOffset expiresAt, string? keyId = null)
    {
        var header = keyId is null ? """{"alg":"HS256","typ":"JWT"}""" : $$"""{"alg":"HS256","typ":"JWT","kid":"{{keyId}}"}""";
        var content = Part(header)
            + "." + Part($$"""{"sub":"ada","aud":"authenticated","iss":"{{Address}}/auth/v1","exp":{{expiresAt.ToUnixTimeSeconds()}}}""");
        return content + "."
            + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(content)));
    }

    /// <summary>Returns a public key in PEM format.</summary>
    public string PublicPem(string keyId) => _keys[keyId].ExportSubjectPublicKeyInfoPem();

    public string KeySet() => new JsonObject
    {
        ["keys"] = new JsonArray([.. _listed.Select(id =>
        {
            var point = _keys[id].ExportParameters(includePrivateParameters: false).Q;
            return (JsonNode)new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["use"] = "sig",
                ["kid"] = id,
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        })]),
    }.ToJsonString();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetches);
        return IsDown
            ? Task.FromException<HttpResponseMessage>(new HttpRequestException("Connection refused."))
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(KeyResponse ?? KeySet()) });
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
