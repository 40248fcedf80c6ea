using SupabaseStandIn.Tokens;

namespace SupabaseStandIn;

/// <summary>
/// Contains the options with which a test double of Supabase starts. Settings that tests may change later are in
/// <see cref="Control.StandInControl"/>.
/// </summary>
public sealed record StandInOptions
{
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>
    /// Gets the connection string with which the superuser <c>supabase_admin</c> connects to the database. By default, a temporary database
    /// is created.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the test double has its own PostgreSQL server, which <see cref="Control.DatabaseControl"/> can
    /// stop and kill. By default, all test doubles of a process share one server.
    /// </summary>
    public bool DedicatedPostgres { get; init; }

    /// <summary>
    /// Gets a value that indicates whether committed transactions survive when the test double's own database server is killed.
    /// </summary>
    public bool Durable { get; init; }

    /// <summary>Gets a value that indicates whether the ledger's migrations are applied.</summary>
    public bool Migrations { get; init; } = true;

    /// <summary>
    /// Gets SQL of the application, which runs as the role <c>postgres</c> before the migrations. The SQL can create the table of an
    /// application that adopts the ledger.
    /// </summary>
    public IReadOnlyList<string> SqlBeforeMigrations { get; init; } = [];

    /// <summary>
    /// Gets the folder in which Storage stores the content of objects. The default is a temporary folder that is deleted together with the
    /// test double.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>Gets the release of Auth that is simulated: 2.196.0 or 2.186.0.</summary>
    public string AuthVersion { get; init; } = "2.196.0";

    /// <summary>Gets the release of Storage that is simulated: 1.70.6 or 1.44.2.</summary>
    public string StorageVersion { get; init; } = "1.70.6";

    public SigningAlgorithm Signing { get; init; } = SigningAlgorithm.ES256;

    /// <summary>Gets how long PostgREST waits for a database connection.</summary>
    public TimeSpan RestPoolTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long Storage waits for a database connection, in whole seconds.</summary>
    public TimeSpan StorageConnectionTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets the statement timeout of Storage.</summary>
    public TimeSpan StorageStatementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long an upload waits for a concurrent upload of the same object.</summary>
    public TimeSpan StorageLockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the maximum number of database connections, if only this test double uses the server.</summary>
    internal int MaxConnections { get; init; } = 200;

    /// <summary>
    /// Gets a value that indicates whether the platform's event trigger reports schema changes to PostgREST. Without the trigger, only
    /// NOTIFY reloads the schema cache, as in the recordings.
    /// </summary>
    internal bool NoticesSchema { get; init; } = true;

    /// <summary>
    /// Gets a value that indicates whether requests pass through the gateway. If the value is <see langword="false"/>, requests go directly
    /// to the services, as in the recordings. Without the gateway, no API key is checked, and no API key is replaced by a token.
    /// </summary>
    internal bool Gateway { get; init; } = true;
}
