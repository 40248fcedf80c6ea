using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Options for reading and caching balances and for calls to the credit store. The values come from the configuration section
/// <c>SessionRecovery:Credits</c>.
/// </summary>
public sealed class CreditOptions
{
    /// <summary>
    /// Gets or sets how long a balance with a version is served from the cache, counted from the start of the store read. The default is 30
    /// seconds; valid values are 0 to 1 hour.
    /// </summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long a balance without a version is served from the cache. The duration is short because the host's own SQL may
    /// change such a balance at any time. The default is 2 seconds; valid values are 0 to 1 hour.
    /// </summary>
    public TimeSpan UnversionedCacheDuration { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the maximum age of a balance that is served as <see cref="CreditReadStatus.Stale"/> while the store is unreachable. The
    /// default is 1 day; valid values are 0 to 30 days.
    /// </summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Gets or sets the minimum interval between two store reads for the same user, including reads with
    /// <see cref="CreditReadOptions.Refresh"/> set. <see cref="ICreditService.RefreshAsync"/> bypasses this interval. The option is also
    /// the minimum interval between two verifications of the same token at its issuer, and between two probes of the upstream database. The
    /// default is 1 second; valid values are 0 to 1 minute.
    /// </summary>
    public TimeSpan MinRefreshInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the timeout of a single command attempt, and the total timeout of a read including its retries. The value must exceed
    /// the store's row-lock timeout (2 seconds in the provided ledgers), so that a lock timeout is reported as
    /// <see cref="CreditCommandStatus.Busy"/> and not as <see cref="CreditCommandStatus.Unknown"/>. The default is 3 seconds; valid values
    /// are 50 milliseconds to 1 minute.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Gets or sets the maximum number of attempts of a store call, including the first. The default is 3; valid values are 1 to 10.
    /// </summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// Gets or sets the delay before the second attempt. Each later delay is twice as long, with jitter. The default is 50 milliseconds;
    /// valid values are 0 to 10 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Gets or sets the maximum number of users whose balances are cached. The default is 100,000; valid values are 100 to 10,000,000.
    /// </summary>
    public int MaxCachedUsers { get; set; } = 100_000;

    /// <summary>
    /// Gets or sets a value that indicates whether the first read for a user without an account creates the account. The option has no
    /// effect without a ledger. The default is <see langword="true"/>.
    /// </summary>
    public bool InitializeOnRead { get; set; } = true;

    /// <summary>
    /// Gets or sets a predicate that decides whether a signed-in user without an account receives an account. The predicate is called at
    /// the first read and at the first paid request of a user without an account. If a predicate is set, <see
    /// cref="ICreditLedger.ConsumeAsync"/> and <see cref="ICreditLedger.ReserveAsync"/> create no account, because these methods have no
    /// session as an argument. In this case, the host must call <see cref="ICreditLedger.InitializeAsync"/>. The default is
    /// <see langword="null"/>, and with the default, every user receives an account. The Supabase ledger sets a predicate that excludes
    /// anonymous sign-ins. The predicate can be set only in code.
    /// </summary>
    public Func<UserSession, bool>? InitializeAccount { get; set; }
}
