namespace SessionRecovery.Testing.Postgres;

/// <summary>How a server is asked to stop, as <c>pg_ctl</c> calls it.</summary>
public enum PostgresStop
{
    /// <summary>Waits until the last client has left.</summary>
    Smart,

    /// <summary>Cuts the clients off and writes a checkpoint.</summary>
    Fast,

    /// <summary>Stops at once, without a checkpoint; the next start replays the log.</summary>
    Immediate,
}
