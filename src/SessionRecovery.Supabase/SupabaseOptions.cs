namespace SessionRecovery.Supabase;

/// <summary>
/// Where Supabase is and what the tables are called. Bound from <c>SessionRecovery:Supabase</c>; what is set nowhere else comes from the
/// usual <c>SUPABASE_URL</c>, <c>SUPABASE_ANON_KEY</c> (or <c>SUPABASE_PUBLISHABLE_KEY</c>) and <c>SUPABASE_SERVICE_ROLE_KEY</c> (or
/// <c>SUPABASE_SECRET_KEY</c>). Checked when the host starts.
/// </summary>
/// <remarks><see cref="ToString"/> never shows a key.</remarks>
public sealed class SupabaseOptions
{
    /// <summary>The project's address, such as <c>https://abcdefgh.supabase.co</c>; plain http only to a loopback address.</summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>
    /// The publishable key (<c>sb_publishable_…</c>) or the legacy anon key. It names the application and gives no rights of its own.
    /// </summary>
    public string PublishableKey { get; set; } = string.Empty;

    /// <summary>
    /// The secret key (<c>sb_secret_…</c>) or the legacy service_role key; needed by the ledger, files, warm-up and <see
    /// cref="SupabaseReadAs.Server"/>.
    /// </summary>
    public string? SecretKey { get; set; }

    /// <summary>Whose rights balances are read with. The user's by default.</summary>
    public SupabaseReadAs ReadAs { get; set; }

    /// <summary>
    /// Whether Supabase Auth decides whether a token is good, so that a sign-out elsewhere is noticed. On by default; off for a host
    /// whose own scheme issues the tokens.
    /// </summary>
    public bool VerifyAtAuth { get; set; } = true;

    /// <summary>The table with one row per user. <c>user_credits</c> by default.</summary>
    public string Table { get; set; } = "user_credits";

    /// <summary>Its column with the user's id. <c>user_id</c> by default.</summary>
    public string UserIdColumn { get; set; } = "user_id";

    /// <summary>Its column with the balance; a fraction of a credit is not counted. <c>credits</c> by default.</summary>
    public string CreditsColumn { get; set; } = "credits";

    /// <summary>
    /// The table that notes what users did, for the warm-up without a ledger, which needs the secret key. <c>usage_logs</c> by default;
    /// empty for none.
    /// </summary>
    public string ActivityTable { get; set; } = "usage_logs";

    /// <summary>Its column with the user's id. <c>user_id</c> by default.</summary>
    public string ActivityUserIdColumn { get; set; } = "user_id";

    /// <summary>Its column with the time. <c>created_at</c> by default.</summary>
    public string ActivityTimeColumn { get; set; } = "created_at";

    /// <summary>The private bucket of the users' files. <c>uploads</c> by default.</summary>
    public string Bucket { get; set; } = "uploads";

    /// <summary>
    /// The time for one question to Supabase with all its tries, for each MiB of an upload, and between two pieces of a download. 50 ms to
    /// 1 min; 5 s by default. Balances and what is spent have <see cref="SessionRecovery.Credits.CreditOptions.AttemptTimeout"/> for each
    /// try as well.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// MaxAttempts of a read of files or of a sign-in, the first one included. 1 to 10; 3 by default. What writes a file is tried once;
    /// balances and what is spent have <see cref="SessionRecovery.Credits.CreditOptions.MaxAttempts"/>.
    /// </summary>
    public int MaxReadAttempts { get; set; } = 3;

    /// <summary>The address and nothing else.</summary>
    public override string ToString() => $"Supabase at {Url}";
}
