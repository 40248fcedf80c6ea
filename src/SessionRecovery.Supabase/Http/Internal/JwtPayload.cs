using System.Buffers.Text;
using System.Text.Json;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Reads the claims of a JWT without verifying its signature.</summary>
internal static class JwtPayload
{
    /// <summary>
    /// Parses the claims of a token. Returns <see langword="null"/> if the text is not a JWT. The caller must dispose the document.
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

    /// <summary>Returns the text of a claim. Returns <see langword="null"/> if the claim is missing or is not a text.</summary>
    public static string? GetText(JsonDocument claims, string name) =>
        claims.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
