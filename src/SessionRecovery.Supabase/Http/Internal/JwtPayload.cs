using System.Buffers.Text;
using System.Text.Json;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>The claims of a JWT whose signature is not verified here.</summary>
internal static class JwtPayload
{
    /// <summary>
    /// Returns the claims, which are a JSON object; <see langword="null"/> if the text is no JWT. The caller disposes the document.
    /// </summary>
    public static JsonDocument? Parse(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        JsonDocument? claims = null;
        try
        {
            claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }

        if (claims.RootElement.ValueKind == JsonValueKind.Object)
        {
            return claims;
        }

        claims.Dispose();
        return null;
    }

    /// <summary>Returns the text of a claim; <see langword="null"/> if the claim is missing or is no text.</summary>
    public static string? GetText(JsonDocument claims, string name) =>
        claims.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
