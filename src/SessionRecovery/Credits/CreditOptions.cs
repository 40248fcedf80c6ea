namespace SessionRecovery.Credits;

/// <summary>How balances are cached and asked for. Bound from <c>SessionRecovery:Credits</c>.</summary>
public sealed class CreditOptions
{
    /// <summary>How long a versioned balance counts as fresh after its load began. 0 to 1 h; 30 s by default.</summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for a balance without versions, which the host's own SQL may change at any time. 0 to 1 h; 2 s by default.</summary>
    public TimeSpan UnversionedCacheDuration { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the last value may be shown as stale while the store is down. 0 to 30 days; 1 day by default.</summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The least time between the starts of two loads of one user by readings, forced ones too. 0 to 1 min; 1 s by default. What <see cref="ICreditService.RefreshAsync"/> loads does not wait.</summary>
    public TimeSpan MinRefreshInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time for one try of a command, and for a read with all its tries. 50 ms to 1 min; 3 s by default, longer than a ledger waits for a
    /// user's row (2 s): it can then still say that nothing happened.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>MaxAttempts at the store, the first one included. 1 to 10; 3 by default.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>The first pause between tries, doubled each time with jitter. 0 to 10 s; 50 ms by default.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The most users whose balance is kept in memory. 100 to 10,000,000; 100,000 by default.</summary>
    public int MaxCachedUsers { get; set; } = 100_000;

    /// <summary>Whether the first read of a user without an account opens one (only with a ledger). On by default.</summary>
    public bool InitializeOnRead { get; set; } = true;
}
