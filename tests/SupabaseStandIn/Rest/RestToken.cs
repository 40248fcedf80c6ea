using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>Verifies a token as PostgREST 14 does, with 30 s of clock tolerance. Without a bearer token, the caller is anonymous.</summary>
internal sealed class RestToken(KeyRing keys, StandInClock clock, RestSettings settings)
{
    public const string Anonymous = "anon";

    private const int Leeway = 30;

    public (string Role, JsonObject Claims) Check(string? authorization)
    {
        if (authorization is null || !IsBearer(authorization, out var text))
        {
            return (AnonymousRole(), new JsonObject { ["role"] = Anonymous });
        }

        if (text.Length == 0)
        {
            throw CreateError("PGRST301", "Empty JWT is sent in Authorization header");
        }

        if (settings.IsConfiguredKey is null)
        {
            throw new RestException(500, "PGRST300", "Server lacks JWT secret");
        }

        var parts = text.Split('.');
        if (parts.Length != 3)
        {
            throw CreateError("PGRST301", $"Expected 3 parts in JWT; got {parts.Length}");
        }

        var claims = Verify(text);
        CheckTimes(claims);
        var (holder, last) = (claims, settings.RoleClaim[^1]);
        foreach (var step in settings.RoleClaim.SkipLast(1))
        {
            holder = holder?[step] as JsonObject;
        }

        JsonNode? role = null;
        var named = holder?.TryGetPropertyValue(last, out role) == true;
        claims["role"] = named ? role?.DeepClone() : AnonymousRole();
        return (named ? claims.Text("role") ?? role?.ToJsonString() ?? "null" : Anonymous, claims);
    }

    private string AnonymousRole() => settings.AllowsAnonymous ? Anonymous
        : throw new RestException(401, "PGRST302", "Anonymous access is disabled") { Challenge = "Bearer" };

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? _);

    private static RestException CreateError(string code, string message, string? details = null) =>
        new(401, code, message, details) { Challenge = $"Bearer error=\"invalid_token\", error_description=\"{message}\"" };

    private static bool IsBearer(string authorization, out string token)
    {
        var end = authorization.IndexOfAny([' ', '\t']);
        token = end < 0 ? string.Empty : authorization[end..].TrimStart(' ', '\t');
        return (end < 0 ? authorization : authorization[..end]).Equals("bearer", StringComparison.OrdinalIgnoreCase);
    }

    private JsonObject Verify(string text)
    {
        var unreadable = new JsonObject();
        var known = keys.Verifying.Where(settings.IsConfiguredKey!).ToList();
        if (Token.TryRead(text, unreadable) is not { } token)
        {
            throw CreateError("PGRST301", "JWT cryptographic operation failed");
        }

        if (token.Algorithm is not ("HS256" or "HS384" or "HS512" or "RS256" or "RS384" or "RS512" or "ES256" or "ES384" or "ES512"))
        {
            // PostgREST adds details only if there is exactly one key.
            throw CreateError("PGRST301", "Wrong or unsupported encoding algorithm", known.Count == 1
                ? "JWT is unsecured but expected 'alg' was not 'none'"
                : null);
        }

        const string NoKey = "No suitable key or wrong key type";
        var candidates = known.Where(key => key.Algorithm == token.Algorithm && (token.KeyId is null || token.KeyId == key.Id)).ToList();
        if (candidates.Count == 0)
        {
            throw CreateError("PGRST301", NoKey, "No suitable key was found to decode the JWT");
        }

        return !candidates.Any(key => key.Verifies(token.Signed, token.Signature))
            ? throw CreateError("PGRST301", NoKey, "None of the keys was able to decode the JWT")
            : token.Claims == unreadable ? throw CreateError("PGRST303", "Parsing claims failed")
            : token.Claims;
    }

    private void CheckTimes(JsonObject claims)
    {
        long? Read(string name, string problem)
        {
            if (!claims.TrySeconds(name, out var seconds))
            {
                throw CreateError("PGRST303", problem);
            }

            // PostgREST treats a number that is not an integer as 0.
            return seconds is { } value ? (value == Math.Floor(value) ? (long)value : 0) : null;
        }

        var now = clock.Seconds;
        if (Read("exp", "The JWT 'exp' claim must be a number") is { } expires && now - Leeway > expires)
        {
            throw CreateError("PGRST303", "JWT expired");
        }

        if (Read("nbf", "The JWT 'nbf' claim must be a number") is { } notBefore && now + Leeway < notBefore)
        {
            throw CreateError("PGRST303", "JWT not yet valid");
        }

        if (Read("iat", "The JWT 'iat' claim must be a number") is { } issued && now + Leeway < issued)
        {
            throw CreateError("PGRST303", "JWT issued at future");
        }

        if (claims["aud"] is { } audience && (audience is JsonArray many ? many.Any(one => !IsText(one)) : !IsText(audience)))
        {
            throw CreateError("PGRST303", "The JWT 'aud' claim must be a string or an array of strings");
        }

        string[] audiences = claims["aud"] switch { null => [], JsonArray several => [.. several.Select(one => one!.ToString())],
            var single => [single.ToString()] };
        if (settings.Audience is { } wanted && audiences.Length > 0 && !audiences.Contains(wanted))
        {
            throw CreateError("PGRST303", "JWT not in audience");
        }
    }
}
