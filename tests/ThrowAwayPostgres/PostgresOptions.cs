namespace SessionRecovery.Testing.Postgres;

public sealed record PostgresOptions
{
    /// <summary>
    /// Gets a value that indicates whether committed data survives a SIGKILL of the server and a crash of the machine (<c>fsync</c>,
    /// <c>synchronous_commit</c>, <c>full_page_writes</c>). The default is <see langword="false"/>, because most tests never restart the
    /// server with the same data.
    /// </summary>
    public bool Durable { get; init; }

    public int MaxConnections { get; init; } = 200;

    /// <summary>Gets additional server settings by name, for example <c>["log_statement"] = "all"</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
