namespace SupabaseStandIn.Auth;

/// <summary>The settings of Auth that a project's owner may change at any time.</summary>
public sealed class AuthSettings
{
    /// <summary>1: rows with parents. 2: signed counters.</summary>
    public int RefreshTokens { get; set; } = 1;

    /// <summary>Whether sessions of the first kind of refresh token go over to the second when they refresh.</summary>
    public bool UpgradeRefreshTokens { get; set; }

    /// <summary>How long a used refresh token may be used again: 10 s on the hosted platform, 0 in the binary.</summary>
    public TimeSpan ReuseInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the replay of a refresh token ends what came from it.</summary>
    public bool Rotation { get; set; } = true;

    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public bool Autoconfirm { get; set; } = true;

    public bool SignUpDisabled { get; set; }

    public bool AnonymousSignIns { get; set; }

    /// <summary>30 requests at once per address, then one per 2 s (<c>/token</c>) or 10 s (<c>/signup</c>).</summary>
    public bool RateLimit { get; set; }

    public TimeSpan? SessionTimebox { get; set; }

    public TimeSpan? InactivityTimeout { get; set; }

    public bool SingleSessionPerUser { get; set; }

    public int MinimumPasswordLength { get; set; } = 6;
}
