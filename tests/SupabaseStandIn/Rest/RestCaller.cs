using System.Text.Json;
using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>Who asks: role and claims of a token that was checked with 30 s between the clocks; anon without one.</summary>
internal sealed record RestCaller(string Role, string Claims)
{
    private const double Leeway = 30;

    public bool IsAnonymous => Role == "anon";

    /// <exception cref="RestError">The token is not good.</exception>
    public static RestCaller Of(string? authorization, KeyRing keys, StandInClock clock)
    {
        if (TokenOf(authorization) is not { } text)
        {
            return new RestCaller("anon", """{"role":"anon"}""");
        }

        if (text.Length == 0)
        {
            throw RestError.Token("PGRST301", "Empty JWT is sent in Authorization header");
        }

        var parts = text.Split('.').Length;
        if (parts != 3)
        {
            throw RestError.Token("PGRST301", $"Expected 3 parts in JWT; got {parts}");
        }

        if (Token.TryRead(text) is not { } token)
        {
            throw RestError.Token("PGRST301", "JWT cryptographic operation failed");
        }

        CheckSignature(token, keys);
        CheckTimes(token.Claims, clock);
        return token.Claims["role"] switch
        {
            null when !token.Claims.ContainsKey("role") => new RestCaller("anon", WithRole(token.Claims, "anon")),
            JsonValue value when value.TryGetValue(out string? role) => new RestCaller(role, token.Claims.ToJsonString()),
            var other => new RestCaller(other?.ToJsonString() ?? string.Empty, token.Claims.ToJsonString()),
        };
    }

    // Another scheme, or none, counts as no header at all.
    private static string? TokenOf(string? authorization) =>
        authorization is not null && authorization.Length >= 6 && authorization.StartsWith("bearer", StringComparison.OrdinalIgnoreCase) && (authorization.Length == 6 || char.IsWhiteSpace(authorization[6]))
            ? authorization[6..].TrimStart()
            : null;

    private static void CheckSignature(Token token, KeyRing keys)
    {
        if (token.Algorithm is null or "none")
        {
            throw RestError.Token("PGRST301", "Wrong or unsupported encoding algorithm");
        }

        var candidates = keys.Verifying.Where(key => key.Algorithm == token.Algorithm && (token.KeyId is null || key.Id == token.KeyId)).ToList();
        if (candidates.Count == 0)
        {
            throw RestError.Token("PGRST301", "No suitable key or wrong key type", "No suitable key was found to decode the JWT");
        }

        if (!candidates.Exists(key => key.Verifies(token.Signed, token.Signature)))
        {
            throw RestError.Token("PGRST301", "No suitable key or wrong key type", "None of the keys was able to decode the JWT");
        }
    }

    private static void CheckTimes(JsonObject claims, StandInClock clock)
    {
        var now = clock.Seconds;
        if (!claims.TrySeconds("exp", out var expires) || !claims.TrySeconds("nbf", out var begins) || !claims.TrySeconds("iat", out var issued))
        {
            throw RestError.Token("PGRST303", "The JWT 'exp', 'nbf' and 'iat' claims must be numbers");
        }

        // A number that is no integer reads as 0, and so as long expired.
        if (expires is { } end && (end != Math.Floor(end) || end + Leeway < now))
        {
            throw RestError.Token("PGRST303", "JWT expired");
        }

        if (begins - Leeway > now)
        {
            throw RestError.Token("PGRST303", "JWT not yet valid");
        }

        if (issued - Leeway > now)
        {
            throw RestError.Token("PGRST303", "JWT issued at future");
        }
    }

    private static string WithRole(JsonObject claims, string role)
    {
        var copy = (JsonObject)claims.DeepClone();
        copy["role"] = role;
        return copy.ToJsonString(new JsonSerializerOptions());
    }
}
