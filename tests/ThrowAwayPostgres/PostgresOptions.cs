namespace SessionRecovery.Testing.Postgres;

public sealed record PostgresOptions
{
    /// <summary>
    /// Whether what was committed must survive SIGKILL of the server and of the machine (<c>fsync</c>, <c>synchronous_commit</c>,
    /// <c>full_page_writes</c>). Off by default: most tests never start the same data again.
    /// </summary>
    public bool Durable { get; init; }

    public int MaxConnections { get; init; } = 200;

    /// <summary>Further settings of the server, by name: <c>["log_statement"] = "all"</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
