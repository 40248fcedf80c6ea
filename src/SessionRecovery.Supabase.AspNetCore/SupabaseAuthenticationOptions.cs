namespace SessionRecovery.Supabase.AspNetCore;

/// <summary>
/// Options for verifying Supabase access tokens. The values come from the configuration section
/// <c>SessionRecovery:SupabaseAuthentication</c>. By default, the project URL comes from <c>UseSupabase</c> or from the environment
/// variable <c>SUPABASE_URL</c>, and the legacy secret comes from the environment variable <c>SUPABASE_JWT_SECRET</c>.
/// </summary>
public sealed class SupabaseAuthenticationOptions
{
    /// <summary>
    /// Gets or sets the URL of the Supabase project, for example <c>https://abcdefgh.supabase.co</c>. The URL of a self-hosted project may
    /// contain a path. Plain http is valid for loopback and private addresses (see <see cref="SupabaseOptions.Url"/>), and for any address
    /// if <see cref="AllowInsecureHttp"/> is set.
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets a value that indicates whether plain http is valid for any host. With plain http, signing keys are requested without
    /// encryption, and an attacker on the network can replace them. The default is <see langword="false"/>, or the value of
    /// <see cref="SupabaseOptions.AllowInsecureHttp"/> if <see cref="Url"/> is not set.
    /// </summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>
    /// Gets or sets the issuer of the access tokens. The default is <c>{Url}/auth/v1</c>. If a project uses a custom domain, its tokens may
    /// still contain the original URL as the issuer.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// Gets or sets the audience of the access tokens, 1 to 256 characters. The default is <c>authenticated</c>. An API key has no audience
    /// and is therefore rejected.
    /// </summary>
    public string Audience { get; set; } = "authenticated";

    /// <summary>
    /// Gets or sets the legacy JWT secret of a project that still signs tokens with HS256. The secret must have at least 32 bytes in UTF-8.
    /// The default is <see langword="null"/>. With the default, HS256 tokens are rejected.
    /// </summary>
    public string? JwtSecret { get; set; }

    /// <summary>
    /// Gets or sets the clock difference that is tolerated when the expiry of a token is checked. The default is 30 seconds, as in
    /// PostgREST; valid values are 0 to 5 minutes.
    /// </summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the age at which the signing keys are requested again, so that the host notices a revoked key. The default is 10
    /// minutes; valid values are 1 minute to 24 hours.
    /// </summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets how long the last known signing keys are trusted while Supabase Auth is unreachable. The time is counted from the last
    /// confirmation by Supabase Auth, even after a restart. The default is 24 hours; valid values are 0 to 24 hours.
    /// </summary>
    public TimeSpan UnconfirmedKeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Gets or sets the maximum number of validated tokens in the cache. The signature of a cached token is verified only once, because the
    /// token is valid until it expires. If the host sets the events of the scheme, changes the <c>TokenValidationParameters</c>, or sets
    /// <c>SaveToken</c>, no token is cached, and the token of each request is fully validated. The default is 10,000; valid values are 0 to
    /// 1,000,000.
    /// </summary>
    public int MaxCachedTokens { get; set; } = 10_000;
}
