namespace SupabaseStandIn.Auth;

/// <summary>How Auth is set up. May be changed while the stand-in runs.</summary>
public sealed class AuthOptions
{
    /// <summary>Seconds until an access token expires.</summary>
    public int TokenLifetime { get; set; } = 3600;

    /// <summary>1: rows with a parent; 2: a counter under the session's own key.</summary>
    public int RefreshAlgorithm { get; set; } = 1;

    /// <summary>Whether sessions with the first kind of refresh token go over to the second when they refresh.</summary>
    public bool UpgradeRefreshTokens { get; set; }

    /// <summary>Seconds in which a used refresh token is forgiven: 0 in the server itself, 10 on the hosted platform.</summary>
    public int ReuseInterval { get; set; } = 10;

    /// <summary>Whether the replay of a refresh token ends what came from it.</summary>
    public bool Rotation { get; set; } = true;

    /// <summary>
    /// Requests of an address that may come at once, then one every 2 s (<c>/token</c>) or 10 s (<c>/signup</c>); <see langword="null"/>
    /// for no limit.
    /// </summary>
    public int? TokenBurst { get; set; }

    /// <summary>How long a request may take; then its work is rolled back.</summary>
    public TimeSpan RequestLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether idle connections are trusted: then each that died while it was idle costs one request. The server itself keeps none unless
    /// told so.
    /// </summary>
    public bool KeepsConnections { get; set; }

    /// <summary>How long a refresh tries to lock its session.</summary>
    public TimeSpan LockLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Mails of the whole project in an hour; <see langword="null"/> for no limit. They are counted, and none is sent.</summary>
    public int? MailsPerHour { get; set; }

    /// <summary>Whether an address needs no confirmation.</summary>
    public bool Autoconfirm { get; set; } = true;

    public bool SignUpDisabled { get; set; }

    /// <summary>Whether nobody can sign up or in by address and password.</summary>
    public bool EmailDisabled { get; set; }

    public bool AnonymousSignIns { get; set; }

    public TimeSpan? SessionTimebox { get; set; }

    public TimeSpan? InactivityTimeout { get; set; }

    public bool SingleSessionPerUser { get; set; }

    public int MinimumPasswordLength { get; set; } = 6;

    /// <summary>Sets of characters of each of which a password needs one.</summary>
    public IReadOnlyList<string> RequiredCharacters { get; set; } = [];
}
