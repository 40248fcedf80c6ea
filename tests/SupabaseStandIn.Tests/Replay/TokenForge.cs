using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Creates access tokens that each have one defect.</summary>
internal sealed partial class TokenForge(StandIn standIn, JsonObject claims)
{
    private readonly long _now = standIn.Control.Now.ToUnixTimeSeconds();

    public string Forge(string name)
    {
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" };
        var secret = standIn.Keys.JwtSecret;
        claims["iat"] = _now;
        claims["exp"] = _now + 3600;
        if (Times().Match(name) is { Success: true } time)
        {
            var seconds = long.Parse(time.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
            (string claim, long at) =
                time.Groups[1].Value switch { "expired" => ("exp", _now - seconds), var ahead => (ahead, _now + seconds) };
            claims[claim] = at;
        }

        switch (name)
        {
            case "exp-missing":
                claims.Remove("exp");
                break;
            case "exp-string":
                claims["exp"] = "soon";
                break;
            case "exp-float":
                claims["exp"] = _now + 3600.5;
                break;
            case "wrong-signature":
                secret = "another";
                break;
            case "alg-none":
                header["alg"] = "none";
                break;
            case "alg-missing":
                header.Remove("alg");
                break;
            case var _ when name.StartsWith("alg-", StringComparison.Ordinal):
                header["alg"] = name.Split('-')[1].ToUpperInvariant();
                break;
            case var _ when name.StartsWith("kid-unknown", StringComparison.Ordinal):
                header["kid"] = "zzz";
                secret = name.EndsWith("wrong-signature", StringComparison.Ordinal) ? "another" : secret;
                break;
            case "hs256-kid-ec-1":
                header["kid"] = "ec-1";
                break;
            case var _ when name.StartsWith("es256-", StringComparison.Ordinal):
                header["alg"] = "ES256";
                header["kid"] = name switch { "es256-no-kid" => null, "es256-unknown-kid" => "zzz", _ => "ec-1" };
                break;
            case "wrong-aud":
                claims["aud"] = "other";
                break;
            case "aud-missing":
                claims.Remove("aud");
                break;
            case "aud-array":
                claims["aud"] = new JsonArray("authenticated");
                break;
            case "iss-other":
                claims["iss"] = "http://other";
                break;
            case "role-missing":
                claims.Remove("role");
                break;
            case "role-anon":
                claims["role"] = "anon";
                break;
            case "sub-empty":
                claims["sub"] = string.Empty;
                break;
            case "sub-missing":
                claims.Remove("sub");
                break;
            case "sub-not-uuid":
                claims["sub"] = "someone";
                break;
            case "sub-unknown":
                claims["sub"] = Guid.NewGuid().ToString();
                break;
            case "sub-nil":
                claims["sub"] = Guid.Empty.ToString();
                break;
            case "session-not-uuid":
                claims["session_id"] = "x";
                break;
            case "session-nil":
                claims["session_id"] = Guid.Empty.ToString();
                break;
            case "session-missing":
                claims.Remove("session_id");
                break;
            case "session-unknown":
                claims["session_id"] = Guid.NewGuid().ToString();
                break;
        }

        return Sign(header, claims, secret);
    }

    public static string Sign(JsonObject header, JsonNode claims, string secret)
    {
        var signed = Base64Url.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))
            + "." + Base64Url.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var signature = header["alg"]?.ToString() == "none"
            ? string.Empty
            : Base64Url.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)));
        return $"{signed}.{signature}";
    }

    /// <summary>Creates a refresh token with algorithm 2 that has the described change and a valid checksum.</summary>
    public static string ForgeRefresh(string genuine, string description)
    {
        if (description.Contains("missing", StringComparison.Ordinal))
        {
            return genuine[..^3];
        }

        var bytes = Base64Url.TryDecode(genuine)![..^4];
        var at = description switch
        {
            _ when description.Contains("signature", StringComparison.Ordinal) => bytes.Length - 1,
            _ when description.Contains("session", StringComparison.Ordinal) => 1,
            _ => 17,
        };
        bytes[at] ^= 1;
        return Base64Url.Encode([.. bytes, .. SHA256.HashData(bytes)[..4]]);
    }

    [GeneratedRegex("^(expired|nbf|iat)-([0-9]+)s")]
    private static partial Regex Times();
}
