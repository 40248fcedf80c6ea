namespace SessionRecovery.Supabase;

/// <summary>
/// Options of the Supabase provider, which specify the project URL, the keys and the names of tables. Values that are set in code override
/// the configuration section <c>SessionRecovery:Supabase</c>. A URL or key that is not set comes from the environment variables
/// <c>SUPABASE_URL</c>, <c>SUPABASE_PUBLISHABLE_KEY</c> (or <c>SUPABASE_ANON_KEY</c>) and <c>SUPABASE_SECRET_KEY</c> (or
/// <c>SUPABASE_SERVICE_ROLE_KEY</c>). The options are validated at startup.
/// </summary>
/// <remarks><see cref="ToString"/> never returns a key.</remarks>
public sealed class SupabaseOptions
{
    /// <summary>
    /// Gets or sets the URL of the Supabase project, for example <c>https://abcdefgh.supabase.co</c>. The URL of a self-hosted project may
    /// contain a path. Plain http is valid for a loopback address, a private IP address, a host name without a dot, and a name in
    /// <c>.internal</c>, <c>.local</c>, <c>.localhost</c> or <c>.home.arpa</c>. Plain http is valid for any host if
    /// <see cref="AllowInsecureHttp"/> is set.
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets a value that indicates whether plain http is valid for any host. With plain http, keys and tokens are sent without
    /// encryption. The default is <see langword="false"/>.
    /// </summary>
    public bool AllowInsecureHttp { get; set; }

    /// <summary>
    /// Gets or sets the publishable key (<c>sb_publishable_…</c>) or the legacy anon key. The key identifies the application and does not
    /// grant access to the data of users.
    /// </summary>
    public string PublishableKey { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets the secret key (<c>sb_secret_…</c>) or the legacy service_role key. The ledger, files and
    /// <see cref="SupabaseReadAs.Server"/> require this key. Without the key, the cache is not warmed up. The default is
    /// <see langword="null"/>.
    /// </summary>
    public string? SecretKey { get; set; }

    /// <summary>Gets or sets whose permissions are used to read balances. The default is <see cref="SupabaseReadAs.User"/>.</summary>
    public SupabaseReadAs ReadAs { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether Supabase Auth verifies access tokens, so that a sign-out on another device is noticed.
    /// Set the property to <see langword="false"/> if the host's own authentication scheme issues the tokens. The default is
    /// <see langword="true"/>.
    /// </summary>
    public bool VerifyAtAuth { get; set; } = true;

    /// <summary>
    /// Gets or sets the name of the table with one row per user, which has 1 to 63 letters, digits and underscores. The default is
    /// <c>user_credits</c>.
    /// </summary>
    public string Table { get; set; } = "user_credits";

    /// <summary>
    /// Gets or sets the name of the column of <see cref="Table"/> that contains the user's id. The default is <c>user_id</c>.
    /// </summary>
    public string UserIdColumn { get; set; } = "user_id";

    /// <summary>
    /// Gets or sets the name of the column of <see cref="Table"/> that contains the balance. A fraction of a credit is not counted. The
    /// default is <c>credits</c>.
    /// </summary>
    public string CreditsColumn { get; set; } = "credits";

    /// <summary>
    /// Gets or sets the name of the table with the users' activity, which the cache warm-up reads if there is no ledger. An empty string
    /// disables the warm-up. The default is <c>usage_logs</c>.
    /// </summary>
    public string ActivityTable { get; set; } = "usage_logs";

    /// <summary>
    /// Gets or sets the name of the column of <see cref="ActivityTable"/> that contains the user's id. The default is <c>user_id</c>.
    /// </summary>
    public string ActivityUserIdColumn { get; set; } = "user_id";

    /// <summary>
    /// Gets or sets the name of the column of <see cref="ActivityTable"/> that contains the time. The default is <c>created_at</c>.
    /// </summary>
    public string ActivityTimeColumn { get; set; } = "created_at";

    /// <summary>
    /// Gets or sets the name of the private bucket for the users' files. The name has 1 to 100 letters, digits, hyphens and underscores.
    /// The default is <c>uploads</c>.
    /// </summary>
    public string Bucket { get; set; } = "uploads";

    /// <summary>
    /// Gets or sets the timeout of a request to Supabase, including its retries. For an upload, the timeout applies to each MiB. For a
    /// download, the timeout applies to each read. Balance reads and credit commands are also limited by
    /// <see cref="SessionRecovery.Credits.CreditOptions.AttemptTimeout"/>. The default is 5 seconds; valid values are 50 milliseconds to 1
    /// minute.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the maximum number of attempts of a read from Storage or Auth, including the first attempt. Uploads are attempted only
    /// once. For balance reads and credit commands, <see cref="SessionRecovery.Credits.CreditOptions.MaxAttempts"/> applies instead. The
    /// default is 3; valid values are 1 to 10.
    /// </summary>
    public int MaxReadAttempts { get; set; } = 3;

    /// <summary>Returns a text that contains the URL of the project but no key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"Supabase at {Url}";
}
