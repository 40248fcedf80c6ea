namespace SessionRecovery.Testing.Postgres;

/// <summary>Specifies a shutdown mode of <c>pg_ctl</c>.</summary>
public enum PostgresStop
{
    /// <summary>The server waits until the last client has disconnected.</summary>
    Smart,

    /// <summary>The server disconnects all clients and writes a checkpoint.</summary>
    Fast,

    /// <summary>The server stops immediately without a checkpoint, and the next start replays the write-ahead log.</summary>
    Immediate,
}
