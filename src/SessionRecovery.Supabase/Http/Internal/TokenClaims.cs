using System.Text.Json;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Represents the claims of a token whose signature was not verified. The claims are only compared with verified claims, or used after
/// Supabase has accepted the token.
/// </summary>
/// <param name="Subject">The user's id.</param>
/// <param name="ExpiresAt">The time at which the token expires.</param>
/// <param name="IsAnonymous"><see langword="true"/> if the user signed in anonymously.</param>
internal readonly record struct TokenClaims(string? Subject, DateTimeOffset? ExpiresAt, bool IsAnonymous)
{
    private const long LastSecond = 253_402_300_799;

    public static TokenClaims Read(AccessToken token)
    {
        using var claims = JwtPayload.Parse(token.Reveal());
        return claims is null
            ? default
            : new TokenClaims(
                JwtPayload.GetText(claims, "sub"), GetTime(claims.RootElement, "exp"), GetFlag(claims.RootElement, "is_anonymous"));
    }

    private static bool GetFlag(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static DateTimeOffset? GetTime(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var seconds)
            && seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
