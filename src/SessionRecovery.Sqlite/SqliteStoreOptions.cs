namespace SessionRecovery.Sqlite;

/// <summary>
/// Options of the embedded SQLite store. The values come from the configuration section <c>SessionRecovery:Sqlite</c>. Values that are set
/// in code, for example in the <c>configure</c> callback of <c>UseSqlite</c>, override the configuration.
/// </summary>
public sealed class SqliteStoreOptions
{
    internal static readonly TimeSpan MaxOwnerLockTimeout = TimeSpan.FromDays(1);

    private TimeSpan? _ownerLockTimeout;

    /// <summary>
    /// Gets or sets the connection string, for example <c>Data Source=/data/credits.db</c>. <c>UseSqlite</c> sets this property. The
    /// connection string must name a file, because a database in memory does not survive a restart.
    /// </summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>
    /// Gets or sets the credits of a new account. Requests cannot choose this amount. The default is 100; valid values are 0 to
    /// 1,000,000,000.
    /// </summary>
    public long InitialCredits { get; set; } = 100;

    /// <summary>
    /// Gets or sets how long the host waits at start while another process uses the file, for example a previous version of the application
    /// that is shutting down. The default is the host's shutdown timeout (<c>HostOptions.ShutdownTimeout</c>, 30 seconds) plus 5 seconds;
    /// valid values are 0 to 1 day.
    /// </summary>
    public TimeSpan OwnerLockTimeout
    {
        get => _ownerLockTimeout ?? DefaultOwnerLockTimeout;
        set => _ownerLockTimeout = value;
    }

    /// <summary>
    /// Gets or sets how long a command waits while another program, such as a backup tool, locks the file. The default is 2 seconds; valid
    /// values are 0 to 1 minute.
    /// </summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    internal TimeSpan DefaultOwnerLockTimeout { get; set; } = TimeSpan.FromSeconds(35);
}
