using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tokens;

/// <summary>
/// Represents a decoded JWT whose signature is not verified. Each service verifies the token in its own way and with its own messages.
/// </summary>
internal sealed record Token(JsonObject Header, JsonObject Claims, byte[] Signed, byte[] Signature)
{
    public string? Algorithm => Header["alg"] is JsonValue value && value.TryGetValue(out string? name) ? name : null;

    public string? KeyId => Header["kid"] is JsonValue value && value.TryGetValue(out string? id) ? id : null;

    public static string Write(JsonObject claims, SigningKey key)
    {
        var header = new JsonObject { ["alg"] = key.Algorithm };
        if (key.Id != SigningKey.LegacyId)
        {
            header["kid"] = key.Id;
        }

        header["typ"] = "JWT";
        var signed = Base64Url.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))
            + "." + Base64Url.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return signed + "." + Base64Url.Encode(key.Sign(Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>Decodes a token. Returns null unless the text has three parts, of which the first two are JSON objects.</summary>
    /// <param name="unreadable">The claims to use if the claims part of the token is not a JSON object.</param>
    public static Token? TryRead(string text, JsonObject? unreadable = null)
    {
        var parts = text.Split('.');
        if (parts.Length != 3 || ReadObject(parts[0]) is not { } header || (ReadObject(parts[1]) ?? unreadable) is not { } claims
            || Base64Url.TryDecode(parts[2]) is not { } signature)
        {
            return null;
        }

        return new Token(header, claims, Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature);
    }

    private static JsonObject? ReadObject(string part)
    {
        try
        {
            return Base64Url.TryDecode(part) is { } bytes ? JsonNode.Parse(bytes) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
