using System.Buffers.Text;
using System.Text.Json;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// The claims of a token that this class does not verify. They are only compared with verified claims, or used after Supabase has accepted
/// the token.
/// </summary>
/// <param name="Subject">The user's id.</param>
/// <param name="ExpiresAt">The time at which the token expires.</param>
/// <param name="IsAnonymous">Whether the user signed in anonymously.</param>
internal readonly record struct TokenClaims(string? Subject, DateTimeOffset? ExpiresAt, bool IsAnonymous)
{
    private const long LastSecond = 253_402_300_799;

    public static TokenClaims Read(AccessToken token)
    {
        if (token.Reveal().Split('.') is not [_, var payload, _])
        {
            return default;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                ? new TokenClaims(
                    Text(claims.RootElement, "sub"), Time(claims.RootElement, "exp"), Flag(claims.RootElement, "is_anonymous"))
                : default;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var seconds)
            && seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
