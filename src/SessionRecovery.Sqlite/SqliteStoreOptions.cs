namespace SessionRecovery.Sqlite;

/// <summary>
/// Options of the embedded store. Bound from <c>SessionRecovery:Sqlite</c>; code, such as the argument of <c>UseSqlite</c>, wins.
/// </summary>
public sealed class SqliteStoreOptions
{
    internal static readonly TimeSpan MaxOwnerLockTimeout = TimeSpan.FromDays(1);

    private TimeSpan? _ownerLockTimeout;

    /// <summary>
    /// Gets or sets the connection string, for example <c>Data Source=/data/credits.db</c>. It must name a file: a database in memory does
    /// not survive a restart. Set by <c>UseSqlite</c>.
    /// </summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets the credits of a new account. The amount never comes from a caller. The default is 100; valid values are 0 to
    /// 1,000,000,000.
    /// </summary>
    public long InitialCredits { get; set; } = 100;

    /// <summary>
    /// Gets or sets the time for which a start waits for another process that still uses the file, such as a predecessor that is shutting
    /// down. The default is the host's shutdown timeout (<c>HostOptions.ShutdownTimeout</c>, 30 seconds) plus 5 seconds; valid values are 0
    /// to 1 day.
    /// </summary>
    public TimeSpan OwnerLockTimeout
    {
        get => _ownerLockTimeout ?? DefaultOwnerLockTimeout;
        set => _ownerLockTimeout = value;
    }

    /// <summary>
    /// Gets or sets the time for which a command waits while another program, such as a backup, locks the file.
    /// The default is 2 seconds; valid values are 0 to 1 minute.
    /// </summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    internal TimeSpan DefaultOwnerLockTimeout { get; set; } = TimeSpan.FromSeconds(35);
}
