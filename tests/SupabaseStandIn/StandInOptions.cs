using SupabaseStandIn.Tokens;

namespace SupabaseStandIn;

/// <summary>The options of a stand-in. Settings that may change while it runs are in <see cref="Control.StandInControl"/>.</summary>
public sealed record StandInOptions
{
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>
    /// Gets the connection string of the superuser <c>supabase_admin</c> to the database. By default the stand-in creates a temporary
    /// database.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the stand-in has its own server, which <see cref="Control.DatabaseControl"/> can stop and kill.
    /// By default all stand-ins of the process share one.
    /// </summary>
    public bool DedicatedPostgres { get; init; }

    /// <summary>
    /// Gets a value that indicates whether committed transactions survive when a database server that only this stand-in uses is killed.
    /// </summary>
    public bool Durable { get; init; }

    /// <summary>Gets a value that indicates whether the ledger's migrations are applied.</summary>
    public bool Migrations { get; init; } = true;

    /// <summary>
    /// Gets the application's SQL, which runs as <c>postgres</c> before the migrations: the table of an application that adopts the ledger.
    /// </summary>
    public IReadOnlyList<string> SqlBeforeMigrations { get; init; } = [];

    /// <summary>Gets the folder for the bytes in Storage. The default is a temporary folder that is deleted with the stand-in.</summary>
    public string? Data { get; init; }

    /// <summary>Gets the release of Auth to imitate: 2.196.0 or 2.186.0.</summary>
    public string AuthVersion { get; init; } = "2.196.0";

    /// <summary>Gets the release of Storage to imitate: 1.70.6 or 1.44.2.</summary>
    public string StorageVersion { get; init; } = "1.70.6";

    public SigningAlgorithm Signing { get; init; } = SigningAlgorithm.ES256;

    /// <summary>Gets the timeout for acquiring a PostgREST connection.</summary>
    public TimeSpan RestPoolTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the timeout for acquiring a Storage connection, in whole seconds.</summary>
    public TimeSpan StorageConnectionTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Gets the timeout of a statement of Storage.</summary>
    public TimeSpan StorageStatementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the time that an upload waits for a concurrent upload of the same object.</summary>
    public TimeSpan StorageLockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the maximum number of database clients, for a server that only this stand-in uses.</summary>
    internal int MaxConnections { get; init; } = 200;

    /// <summary>
    /// Gets a value that indicates whether the platform's event trigger reports schema changes to PostgREST. Without the trigger, only
    /// NOTIFY reloads the schema cache, as in the recordings.
    /// </summary>
    internal bool NoticesSchema { get; init; } = true;

    /// <summary>
    /// Gets a value that indicates whether requests pass the gateway. When it is off, requests go directly to the services, as in the
    /// recordings: no API key is checked, and none replaces a token.
    /// </summary>
    internal bool Gateway { get; init; } = true;
}
