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
        using var claims = JwtPayload.Parse(key);
        return claims is null ? null : JwtPayload.GetText(claims, "role");
    }
}
