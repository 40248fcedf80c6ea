using System.Buffers.Text;
using System.Text.Json;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Distinguishes the kinds of API keys: new keys by their prefix, legacy keys by their role claim.</summary>
internal static class SupabaseKey
{
    private const string PublishablePrefix = "sb_publishable_";
    private const string SecretPrefix = "sb_secret_";

    public static bool IsPublishable(string key) => key.StartsWith(PublishablePrefix, StringComparison.Ordinal) || GetRole(key) == "anon";

    public static bool IsSecret(string key) => key.StartsWith(SecretPrefix, StringComparison.Ordinal) || GetRole(key) == "service_role";

    /// <summary>Returns whether the key is also a token. Only a legacy key may be sent in an <c>Authorization</c> header.</summary>
    public static bool IsLegacy(string key) => GetRole(key) is not null;

    private static string? GetRole(string key)
    {
        if (key.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("role", out var role)
                && role.ValueKind == JsonValueKind.String
                    ? role.GetString()
                    : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
