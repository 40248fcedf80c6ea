namespace SessionRecovery.Supabase;

/// <summary>
/// Options of the Supabase provider: address, keys and names of tables. Bound from <c>SessionRecovery:Supabase</c>; code wins. Address and
/// keys that are not set are read from <c>SUPABASE_URL</c>, <c>SUPABASE_PUBLISHABLE_KEY</c> (or <c>SUPABASE_ANON_KEY</c>) and
/// <c>SUPABASE_SECRET_KEY</c> (or <c>SUPABASE_SERVICE_ROLE_KEY</c>). Validated at start.
/// </summary>
/// <remarks><see cref="ToString"/> never shows a key.</remarks>
public sealed class SupabaseOptions
{
    /// <summary>
    /// Gets or sets the project's address, for example <c>https://abcdefgh.supabase.co</c>. A self-hosted project may be behind a path.
    /// Plain http is valid for a loopback address, a private IP address, a host name without a dot and a name in <c>.internal</c>,
    /// <c>.local</c>, <c>.localhost</c> or <c>.home.arpa</c>, and elsewhere with <see cref="AllowInsecureHttp"/>.
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets a value that indicates whether plain http is valid for any host. Keys and tokens are then sent without encryption. The
    /// default is <see langword="false"/>.
    /// </summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>
    /// Gets or sets the publishable key (<c>sb_publishable_…</c>) or the legacy anon key. It identifies the application and grants no
    /// access to user data.
    /// </summary>
    public string PublishableKey { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets the secret key (<c>sb_secret_…</c>) or the legacy service_role key. Required by the ledger, by files and by
    /// <see cref="SupabaseReadAs.Server"/>; without it the cache is not warmed. The default is <see langword="null"/>.
    /// </summary>
    public string? SecretKey { get; set; }

    /// <summary>Gets or sets the rights with which balances are read. The default is <see cref="SupabaseReadAs.User"/>.</summary>
    public SupabaseReadAs ReadAs { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether Supabase Auth verifies access tokens, so that a sign-out on another device is noticed.
    /// Set it to <see langword="false"/> for a host whose own scheme issues the tokens. The default is <see langword="true"/>.
    /// </summary>
    public bool VerifyAtAuth { get; set; } = true;

    /// <summary>
    /// Gets or sets the table with one row per user. The default is <c>user_credits</c>; 1 to 63 letters, digits and underscores.
    /// </summary>
    public string Table { get; set; } = "user_credits";

    /// <summary>Gets or sets the column of <see cref="Table"/> with the user's id. The default is <c>user_id</c>.</summary>
    public string UserIdColumn { get; set; } = "user_id";

    /// <summary>
    /// Gets or sets the column of <see cref="Table"/> with the balance. A fraction of a credit is not counted. The default is
    /// <c>credits</c>.
    /// </summary>
    public string CreditsColumn { get; set; } = "credits";

    /// <summary>
    /// Gets or sets the table with the users' activity, for the cache warm-up without a ledger. An empty string disables it. The default is
    /// <c>usage_logs</c>.
    /// </summary>
    public string ActivityTable { get; set; } = "usage_logs";

    /// <summary>Gets or sets the column of <see cref="ActivityTable"/> with the user's id. The default is <c>user_id</c>.</summary>
    public string ActivityUserIdColumn { get; set; } = "user_id";

    /// <summary>Gets or sets the column of <see cref="ActivityTable"/> with the time. The default is <c>created_at</c>.</summary>
    public string ActivityTimeColumn { get; set; } = "created_at";

    /// <summary>
    /// Gets or sets the private bucket of the users' files. The default is <c>uploads</c>; 1 to 100 letters, digits, hyphens and
    /// underscores.
    /// </summary>
    public string Bucket { get; set; } = "uploads";

    /// <summary>
    /// Gets or sets the timeout of a request to Supabase, including its retries. For an upload it applies to each MiB, and for a download
    /// to each read. Reads of balances and credit commands are also limited by
    /// <see cref="SessionRecovery.Credits.CreditOptions.AttemptTimeout"/>. The default is 5 seconds; valid values are 50 milliseconds to 1
    /// minute.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the maximum number of attempts of a read of files or of Auth, including the first. Writes of files are attempted once;
    /// balances and commands have <see cref="SessionRecovery.Credits.CreditOptions.MaxAttempts"/>. The default is 3; valid values are 1 to
    /// 10.
    /// </summary>
    public int MaxReadAttempts { get; set; } = 3;

    /// <summary>Returns the address, without keys.</summary>
    /// <returns>The address.</returns>
    public override string ToString() => $"Supabase at {Url}";
}
