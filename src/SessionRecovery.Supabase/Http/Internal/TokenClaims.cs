using System.Text.Json;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// The claims of a token that was not verified here. They are compared with verified ones, or reported about a token that Supabase has
/// accepted.
/// </summary>
/// <param name="Subject">The user's id.</param>
/// <param name="ExpiresAt">The time at which the token expires.</param>
internal readonly record struct TokenClaims(string? Subject, DateTimeOffset? ExpiresAt)
{
    private const long LastSecond = 253_402_300_799;

    public static TokenClaims Read(AccessToken token)
    {
        using var claims = JwtPayload.Parse(token.Reveal());
        return claims is null ? default : new TokenClaims(JwtPayload.GetText(claims, "sub"), GetTime(claims.RootElement, "exp"));
    }

    private static DateTimeOffset? GetTime(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var seconds)
            && seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
