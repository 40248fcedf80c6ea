namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>The optional body of <c>POST /auth/verify</c>. Not a record: a record's ToString would show the token.</summary>
internal sealed class VerifyRequest
{
    public string? Token { get; set; }
}
