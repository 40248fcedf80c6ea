namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Distinguishes the types of Supabase API keys. New keys have a prefix, and legacy keys are JWTs with a role claim.</summary>
internal static class SupabaseKey
{
    private const string PublishablePrefix = "sb_publishable_";
    private const string SecretPrefix = "sb_secret_";

    public static bool IsPublishable(string key) => key.StartsWith(PublishablePrefix, StringComparison.Ordinal) || GetRole(key) == "anon";

    public static bool IsSecret(string key) => key.StartsWith(SecretPrefix, StringComparison.Ordinal) || GetRole(key) == "service_role";

    /// <summary>
    /// Returns a value that indicates whether the key is a legacy key. Only a legacy key is also a token and may be sent in an
    /// <c>Authorization</c> header.
    /// </summary>
    public static bool IsLegacy(string key) => GetRole(key) is not null;

    private static string? GetRole(string key)
    {
        using var claims = JwtPayload.Parse(key);
        return claims is null ? null : JwtPayload.GetText(claims, "role");
    }
}
