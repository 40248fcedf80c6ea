using System.Text.Json.Nodes;

namespace SupabaseStandIn.Auth;

/// <summary>A refusal as Auth words it, in either shape.</summary>
internal sealed class AuthError(int status, string code, string message) : Exception(message)
{
    private const string NewShape = "2024-01-01";

    public int Status { get; } = status;

    public string Code { get; } = code;

    public static AuthError BadToken(string tail) => new(403, "bad_jwt", $"invalid JWT: unable to parse or verify signature, {tail}");

    public static AuthError BadRefreshToken() => new(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");

    public static AuthError UsedRefreshToken() => new(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");

    public static AuthError BadCredentials() => new(400, "invalid_credentials", "Invalid login credentials");

    public static AuthError Validation(string message) => new(400, "validation_failed", message);

    /// <summary>The body for a client that asked for an API version, or for none.</summary>
    public (JsonObject Body, string? Echo) Body(string? version)
    {
        var isNew = DateOnly.TryParseExact(version, "yyyy-MM-dd", out var date) && date >= new DateOnly(2024, 1, 1);
        return isNew
            ? (new JsonObject { ["code"] = Code, ["message"] = Message }, NewShape)
            : (new JsonObject { ["code"] = Status, ["error_code"] = Code, ["msg"] = Message }, null);
    }
}
