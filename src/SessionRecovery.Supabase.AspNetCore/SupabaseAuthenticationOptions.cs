namespace SessionRecovery.Supabase.AspNetCore;

/// <summary>
/// How Supabase's tokens are verified. Bound from <c>SessionRecovery:SupabaseAuthentication</c>; an address that is set nowhere else is the
/// one of <c>UseSupabase</c>, else <c>SUPABASE_URL</c>, and the legacy secret is <c>SUPABASE_JWT_SECRET</c>.
/// </summary>
public sealed class SupabaseAuthenticationOptions
{
    /// <summary>The project's address, such as <c>https://abcdefgh.supabase.co</c>; plain http only to a loopback address.</summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// The issuer in the tokens; <c>{Url}/auth/v1</c> when empty. A project behind a domain of its own keeps its first one.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The audience in the tokens. <c>authenticated</c> by default; an API key has none and is refused.</summary>
    public string Audience { get; set; } = "authenticated";

    /// <summary>
    /// The legacy JWT secret of a project that still signs with HS256, at least 32 bytes in UTF-8. Without one HS256 is refused.
    /// </summary>
    public string? JwtSecret { get; set; }

    /// <summary>How far the clocks may differ. 0 to 5 min; 30 s by default, as PostgREST allows.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How old the signing keys may be before they are asked for again, which is how a revoked key is noticed. 1 min to 24 h; 10 min by
    /// default.
    /// </summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long keys are trusted while Auth can't be asked, also across a restart. 0 to 24 h; 24 h by default.</summary>
    public TimeSpan UnconfirmedKeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How many verified tokens are remembered until they expire, so that their signature is checked once. 0 to 1,000,000; 10,000 by
    /// default. None where the host handles the scheme's events itself.
    /// </summary>
    public int MaxCachedTokens { get; set; } = 10_000;
}
