namespace SessionRecovery.Supabase.AspNetCore;

/// <summary>
/// Options for verifying Supabase's access tokens. Bound from <c>SessionRecovery:SupabaseAuthentication</c>. The default address is that of
/// <c>UseSupabase</c>, otherwise <c>SUPABASE_URL</c>. The default legacy secret is <c>SUPABASE_JWT_SECRET</c>.
/// </summary>
public sealed class SupabaseAuthenticationOptions
{
    /// <summary>
    /// Gets or sets the project's address, for example <c>https://abcdefgh.supabase.co</c>. A self-hosted project may be behind a path.
    /// Plain http is valid for loopback and private addresses as in <see cref="SupabaseOptions.Url"/>, and elsewhere with
    /// <see cref="AllowInsecureHttp"/>.
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets a value that indicates whether plain http is valid for any host. Signing keys are then fetched without encryption, and
    /// a party on the network can replace them. The default is <see langword="false"/>, or the value of
    /// <see cref="SupabaseOptions.AllowInsecureHttp"/> if <see cref="Url"/> is not set.
    /// </summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>
    /// Gets or sets the issuer of the tokens. The default is <c>{Url}/auth/v1</c>. After a project gets a custom domain, its issuer still
    /// contains the original address.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// Gets or sets the audience of the tokens, 1 to 256 characters. The default is <c>authenticated</c>; an API key has no audience and is
    /// rejected.
    /// </summary>
    public string Audience { get; set; } = "authenticated";

    /// <summary>
    /// Gets or sets the legacy JWT secret of a project that still signs with HS256, at least 32 bytes in UTF-8. The default is
    /// <see langword="null"/>: HS256 tokens are rejected.
    /// </summary>
    public string? JwtSecret { get; set; }

    /// <summary>
    /// Gets or sets the tolerated difference of clocks. The default is 30 seconds, as in PostgREST; valid values are 0 to 5 minutes.
    /// </summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the age at which the signing keys are fetched again, so that a revoked key is noticed. The default is 10 minutes; valid
    /// values are 1 minute to 24 hours.
    /// </summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets the time for which keys are trusted while Auth is unreachable, also across a restart. The default is 24 hours; valid
    /// values are 0 to 24 hours.
    /// </summary>
    public TimeSpan UnconfirmedKeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Gets or sets the maximum number of validated tokens that are cached until they expire, so that their signature is verified once. No
    /// token is cached if the host handles the scheme's events itself, changes its <c>TokenValidationParameters</c>, or saves the token:
    /// each request is then validated in full. The default is 10,000; valid values are 0 to 1,000,000.
    /// </summary>
    public int MaxCachedTokens { get; set; } = 10_000;
}
