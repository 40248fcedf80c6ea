namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Represents the optional body of <c>POST /auth/verify</c>. The type is a class and not a record, because the ToString method of a record
/// would return the token.
/// </summary>
internal sealed class VerifyRequest
{
    public string? Token { get; set; }
}

/// <summary>Represents the response of <c>POST /auth/verify</c>.</summary>
internal sealed record VerifyResponse(bool Success, bool Valid, string UserId, DateTimeOffset? ExpiresAt);
