namespace SupabaseStandIn.Auth;

/// <summary>The settings of Auth. They may be changed while the stand-in runs.</summary>
public sealed class AuthOptions
{
    /// <summary>Gets or sets the lifetime of an access token in seconds.</summary>
    public int TokenLifetime { get; set; } = 3600;

    /// <summary>Gets or sets the kind of refresh tokens. 1: rows with a parent. 2: a counter signed with the session's key.</summary>
    public int RefreshAlgorithm { get; set; } = 1;

    /// <summary>Gets or sets a value that indicates whether a refresh upgrades the first kind of refresh token to the second.</summary>
    public bool UpgradeRefreshTokens { get; set; }

    /// <summary>Gets or sets the reuse interval of refresh tokens in seconds: 0 in the server, 10 on the hosted platform.</summary>
    public int ReuseInterval { get; set; } = 10;

    /// <summary>Gets or sets a value that indicates whether the reuse of a refresh token revokes its successors.</summary>
    public bool Rotation { get; set; } = true;

    /// <summary>
    /// Gets or sets the burst of requests per address. Afterwards one request is allowed every 2 s (<c>/token</c>) or 10 s
    /// (<c>/signup</c>). <see langword="null"/> means no limit.
    /// </summary>
    public int? TokenBurst { get; set; }

    /// <summary>Gets or sets the request timeout, after which the work is rolled back.</summary>
    public TimeSpan RequestLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets a value that indicates whether idle connections are kept without validation. Each broken one then fails one request.
    /// The server keeps none by default.
    /// </summary>
    public bool KeepsIdleConnections { get; set; }

    /// <summary>Gets or sets the time during which a refresh retries to lock its session.</summary>
    public TimeSpan LockLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the number of emails per hour for the whole project, or <see langword="null"/> for no limit. Emails are counted but not
    /// sent.
    /// </summary>
    public int? MailsPerHour { get; set; }

    /// <summary>Gets or sets a value that indicates whether new users can sign in without confirming their e-mail address.</summary>
    public bool Autoconfirm { get; set; } = true;

    public bool SignUpDisabled { get; set; }

    /// <summary>Gets or sets a value that indicates whether sign-up and sign-in by address and password are disabled.</summary>
    public bool EmailDisabled { get; set; }

    public bool AnonymousSignIns { get; set; }

    public TimeSpan? SessionTimebox { get; set; }

    public TimeSpan? InactivityTimeout { get; set; }

    public bool SingleSessionPerUser { get; set; }

    public int MinimumPasswordLength { get; set; } = 6;

    /// <summary>Gets or sets the character sets of the password rule. A password needs one character of each set.</summary>
    public IReadOnlyList<string> RequiredCharacters { get; set; } = [];
}
