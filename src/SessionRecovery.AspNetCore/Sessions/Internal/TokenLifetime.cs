using System.Buffers.Text;
using System.Text.Json;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Recognizes authentication failures that are caused by an expired token.</summary>
internal static class TokenLifetime
{
    /// <summary>Returns whether a token failed because it has expired.</summary>
    public static bool IsExpired(AccessToken token, Exception? failure, DateTimeOffset now) =>
        failure is not null && (IsExpiry(failure) || (!IsOutage(failure) && GetExpiry(token) is { } end && end <= now.ToUnixTimeSeconds()));

    // The exception type of the JWT handlers is compared by name, because not every host has the package that defines the type. The
    // compared messages are those of the authentication handlers of ASP.NET Core.
    private static bool IsExpiry(Exception failure) =>
        failure.GetType().Name == "SecurityTokenExpiredException"
        || failure.Message is "Token expired" or "Ticket expired"
        || (failure.InnerException is { } inner && IsExpiry(inner));

    private static bool IsOutage(Exception failure) =>
        failure is HttpRequestException or IOException or TimeoutException or InvalidOperationException or OperationCanceledException
        || (failure.InnerException is { } inner && IsOutage(inner));

    // The method does not check the signature, so a forged token whose expiry has passed also counts as expired.
    private static double? GetExpiry(AccessToken token)
    {
        if (token.Reveal().Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("exp", out var end)
                && end.ValueKind == JsonValueKind.Number
                && end.TryGetDouble(out var seconds)
                ? seconds
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
