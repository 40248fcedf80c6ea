using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Represents the caller of a request with the claims of its verified token. The error messages are the messages of Storage's JWT library.
/// </summary>
internal sealed class StorageCaller(JsonObject claims)
{
    public JsonObject Claims { get; } = claims;

    /// <summary>Gets the database role of the caller. A token without a role has the role <c>anon</c>.</summary>
    public string Role => Claims.Text("role") ?? "anon";

    public string? Subject => Claims.Text("sub");

    public static StorageCaller Anonymous { get; } = new(new JsonObject { ["role"] = "anon" });

    /// <exception cref="StorageError">The token is invalid.</exception>
    public static StorageCaller Of(string? authorization, KeyRing keys, StandInClock clock)
    {
        if (authorization is null)
        {
            throw StorageError.Request("headers must have required property 'authorization'");
        }

        var token = authorization.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase)
            ? authorization["bearer ".Length..]
            : authorization;
        return new StorageCaller(Verify(token, keys, clock, StorageError.AccessDenied));
    }

    public static JsonObject Verify(string text, KeyRing keys, StandInClock clock, Func<string, StorageError> createError)
    {
        if (text.Split('.').Length != 3)
        {
            throw createError("Invalid Compact JWS");
        }

        if (Token.TryRead(text) is not { } token)
        {
            throw createError("JWS Protected Header is invalid");
        }

        if (token.Algorithm is not ("HS256" or "ES256"))
        {
            throw createError("\"alg\" (Algorithm) Header Parameter value not allowed");
        }

        var key = token.KeyId is { } id ? keys.Find(id) : keys.Verifying.FirstOrDefault(known => known.Id == SigningKey.LegacyId);
        if (key is null || key.Algorithm != token.Algorithm || !key.Verifies(token.Signed, token.Signature))
        {
            throw createError("signature verification failed");
        }

        // Storage allows no clock skew.
        if (token.Claims.TrySeconds("exp", out var expires) && expires <= clock.Seconds)
        {
            throw createError("\"exp\" claim timestamp check failed");
        }

        if (token.Claims.TrySeconds("nbf", out var begins) && begins > clock.Seconds)
        {
            throw createError("\"nbf\" claim timestamp check failed");
        }

        return token.Claims;
    }
}
