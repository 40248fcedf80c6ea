namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// The optional body of <c>POST /auth/verify</c>. A class and not a record, because a record's ToString would show the token.
/// </summary>
internal sealed class VerifyRequest
{
    public string? Token { get; set; }
}

/// <summary>The response of <c>POST /auth/verify</c>.</summary>
internal sealed record VerifyResponse(bool Success, bool Valid, string UserId, DateTimeOffset? ExpiresAt);
