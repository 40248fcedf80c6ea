namespace SupabaseStandIn.Auth;

/// <summary>Contains the settings of Auth, which tests may change while the test double runs.</summary>
public sealed class AuthOptions
{
    /// <summary>Gets or sets the lifetime of an access token in seconds.</summary>
    public int TokenLifetime { get; set; } = 3600;

    /// <summary>
    /// Gets or sets the algorithm for refresh tokens. With algorithm 1, each refresh token is a row that refers to its parent. With
    /// algorithm 2, a refresh token contains a counter and is signed with the session's key.
    /// </summary>
    public int RefreshAlgorithm { get; set; } = 1;

    /// <summary>
    /// Gets or sets a value that indicates whether a refresh replaces a refresh token of algorithm 1 with one of algorithm 2.
    /// </summary>
    public bool UpgradeRefreshTokens { get; set; }

    /// <summary>
    /// Gets or sets the reuse interval of refresh tokens in seconds. The default of the real server is 0, and the hosted platform uses 10.
    /// </summary>
    public int ReuseInterval { get; set; } = 10;

    /// <summary>Gets or sets a value that indicates whether the reuse of a refresh token revokes its successors.</summary>
    public bool Rotation { get; set; } = true;

    /// <summary>
    /// Gets or sets the number of requests that an IP address may send in a burst. After a burst, one request is allowed every 2 s
    /// (<c>/token</c>) or 10 s (<c>/signup</c>). <see langword="null"/> means no limit.
    /// </summary>
    public int? TokenBurst { get; set; }

    /// <summary>Gets or sets the request timeout. After this time, the transaction of the request is rolled back.</summary>
    public TimeSpan RequestLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets a value that indicates whether idle connections are kept without validation. Each broken connection then makes one
    /// request fail. By default, the server keeps no idle connections.
    /// </summary>
    public bool KeepsIdleConnections { get; set; }

    /// <summary>Gets or sets the time for which a refresh tries to lock its session.</summary>
    public TimeSpan LockLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the maximum number of e-mails per hour for the whole project, or <see langword="null"/> for no limit. E-mails are
    /// counted but not sent.
    /// </summary>
    public int? MailsPerHour { get; set; }

    /// <summary>Gets or sets a value that indicates whether new users can sign in without confirming their e-mail address.</summary>
    public bool Autoconfirm { get; set; } = true;

    public bool SignUpDisabled { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether sign-up and sign-in with an e-mail address and a password are disabled.
    /// </summary>
    public bool EmailDisabled { get; set; }

    public bool AnonymousSignIns { get; set; }

    public TimeSpan? SessionTimebox { get; set; }

    public TimeSpan? InactivityTimeout { get; set; }

    public bool SingleSessionPerUser { get; set; }

    public int MinimumPasswordLength { get; set; } = 6;

    /// <summary>Gets or sets the character sets that a password must use. A password needs one character of each set.</summary>
    public IReadOnlyList<string> RequiredCharacters { get; set; } = [];
}
