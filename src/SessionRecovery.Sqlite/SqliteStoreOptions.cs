namespace SessionRecovery.Sqlite;

/// <summary>The embedded store. Set by <c>UseSqlite</c>; checked when the host starts.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>Where the database is, as <c>Data Source=studio.db</c>. A file: a database in memory would not survive a restart.</summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>What a new account starts with; it never comes from a caller. 0 to 1,000,000,000; 100 by default.</summary>
    public long InitialCredits { get; set; } = 100;

    /// <summary>How long a start waits for a process that still owns the file, such as a predecessor that is draining. 0 to 10 min; 10 s by default.</summary>
    public TimeSpan OwnerLockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a command waits while another program, such as a backup, locks the file. 0 to 1 min; 2 s by default.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
