using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Auth;

/// <summary>Verifies a user token as Auth does. Auth allows no clock skew, and uses the error messages of golang-jwt.</summary>
internal sealed class BearerCheck(KeyRing keys, StandInClock clock, bool acceptsUpperCase)
{
    private const string Prefix = "invalid JWT: unable to parse or verify signature, ";
    private static readonly string[] Known =
        ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA", "none"];

    public JsonObject Check(ServiceRequest request)
    {
        var text = Bearer(request.Authorization)
            ?? throw new AuthException(401, "no_authorization", "This endpoint requires a valid Bearer token");
        var parts = text.Split('.');
        if (parts.Length != 3)
        {
            throw Bad("token is malformed: token contains an invalid number of segments");
        }

        var header = Decode(parts[0], "header");
        var claims = Decode(parts[1], "claim");
        var algorithm = header.Text("alg") ?? throw Bad("token is unverifiable: signing method (alg) is unspecified");
        if (!Known.Contains(algorithm))
        {
            throw Bad("token is unverifiable: signing method (alg) is unavailable");
        }

        if (keys.Verifying.All(key => key.Algorithm != algorithm))
        {
            throw Bad($"token signature is invalid: signing method {algorithm} is invalid");
        }

        CheckSignature(FindKey(header, algorithm), parts);
        CheckTimes(claims);
        CheckSubject(request, claims);
        return claims;
    }

    private static AuthException Bad(string why) => AuthException.BadToken(Prefix + why);

    private string? Bearer(string? authorization)
    {
        var parts = authorization?.Trim(' ').Split(' ');
        return parts is [{ } scheme, { Length: > 0 } token] && !token.Contains('\t', StringComparison.Ordinal) && IsBearer(scheme)
            ? token
            : null;
    }

    private bool IsBearer(string scheme) => acceptsUpperCase
        ? scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase)
        : scheme is "Bearer" or "bearer";

    private static JsonObject Decode(string part, string what)
    {
        if (Base64Url.TryDecode(part) is not { } bytes)
        {
            throw Bad($"token is malformed: could not base64 decode {what}: illegal base64 data at input byte {part.Length}");
        }

        try
        {
            return JsonNode.Parse(bytes) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Bad(
                $"token is malformed: could not JSON decode {what}: invalid character '{Encoding.Latin1.GetString(bytes)[0]}' "
                    + "looking for beginning of value");
        }
    }

    private SigningKey FindKey(JsonObject header, string algorithm)
    {
        var id = header.Text("kid");
        if (id is not null && keys.Find(id) is { } named)
        {
            return named;
        }

        return algorithm == "HS256" ? keys.Legacy
            : throw Bad(
                $"token is unverifiable: error while executing keyfunc: unrecognized JWT kid {id ?? "<nil>"} for algorithm {algorithm}");
    }

    private static void CheckSignature(SigningKey key, string[] parts)
    {
        if (Base64Url.TryDecode(parts[2]) is not { } signature
            || !key.Verifies(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature))
        {
            throw Bad(
                $"token signature is invalid: {(key.Algorithm == "ES256" ? "crypto/ecdsa: verification error" : "signature is invalid")}");
        }
    }

    private void CheckTimes(JsonObject claims)
    {
        var now = clock.Now.ToUnixTimeMilliseconds() / 1000.0;
        if (!claims.TrySeconds("exp", out var expires) || !claims.TrySeconds("nbf", out var notBefore) || !claims.TrySeconds("iat", out _))
        {
            throw Bad(
                "token is malformed: could not JSON decode claim: could not parse NumericData: json: invalid number literal, "
                    + "trying to unmarshal \"\\\"soon\\\"\" into Number");
        }

        if (expires is { } end && now >= end)
        {
            throw Bad("token has invalid claims: token is expired");
        }

        if (notBefore is { } begin && now < begin)
        {
            throw Bad("token has invalid claims: token is not valid yet");
        }
    }

    private static void CheckSubject(ServiceRequest request, JsonObject claims)
    {
        var subject = claims.Text("sub");
        if (string.IsNullOrEmpty(subject))
        {
            throw AuthException.BadToken("invalid claim: missing sub claim");
        }

        if (!Guid.TryParse(subject, out _))
        {
            throw new AuthException(400, "bad_jwt", "invalid claim: sub claim must be a UUID");
        }

        var audiences =
            claims["aud"] switch { JsonArray many => many.Select(one => one?.ToString()), { } one => [one.ToString()], null => [] };
        if (!audiences.Any() || (request.Header("X-JWT-AUD") is { Length: > 0 } requested && !audiences.Contains(requested)))
        {
            throw AuthException.Validation("Token audience doesn't match request audience");
        }
    }
}
