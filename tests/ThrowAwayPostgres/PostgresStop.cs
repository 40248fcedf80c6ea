namespace SessionRecovery.Testing.Postgres;

/// <summary>The shutdown modes of <c>pg_ctl</c>.</summary>
public enum PostgresStop
{
    /// <summary>Waits until the last client has disconnected.</summary>
    Smart,

    /// <summary>Disconnects the clients and writes a checkpoint.</summary>
    Fast,

    /// <summary>Stops immediately without a checkpoint. The next start replays the log.</summary>
    Immediate,
}
