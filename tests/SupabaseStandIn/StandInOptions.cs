using SupabaseStandIn.Tokens;

namespace SupabaseStandIn;

/// <summary>What a stand-in is started with. What may change while it runs is in <see cref="Control.StandInControl"/>.</summary>
public sealed record StandInOptions
{
    public string Urls { get; init; } = "http://127.0.0.1:0";

    /// <summary>A connection string of the superuser <c>supabase_admin</c> to the database to use. Null: a throw-away one.</summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// A server of its own, which <see cref="Control.DatabaseControl"/> can stop and kill, instead of the one that all stand-ins of the
    /// process share.
    /// </summary>
    public bool DedicatedPostgres { get; init; }

    /// <summary>Whether commits of a dedicated server survive its SIGKILL.</summary>
    public bool Durable { get; init; }

    /// <summary>Whether the ledger's migrations are applied.</summary>
    public bool Migrations { get; init; } = true;

    /// <summary>The app's own SQL, run as <c>postgres</c> before the migrations: the table of an app that adopts the ledger.</summary>
    public IReadOnlyList<string> SqlBeforeMigrations { get; init; } = [];

    /// <summary>The folder for Storage's bytes. Null: a temporary one that goes with the stand-in.</summary>
    public string? Data { get; init; }

    /// <summary>The release of Auth to answer like: 2.196.0 or 2.186.0.</summary>
    public string AuthVersion { get; init; } = "2.196.0";

    /// <summary>The release of Storage to answer like: 1.70.6 or 1.44.2.</summary>
    public string StorageVersion { get; init; } = "1.70.6";

    public SigningAlgorithm Signing { get; init; } = SigningAlgorithm.ES256;

    /// <summary>How long a request waits for one of PostgREST's connections.</summary>
    public TimeSpan RestPoolTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request waits for one of Storage's connections, in whole seconds.</summary>
    public TimeSpan StorageConnectionTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a statement of Storage's may take.</summary>
    public TimeSpan StorageStatementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an upload waits for another one of the same object to be entered.</summary>
    public TimeSpan StorageLockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many clients a dedicated server takes.</summary>
    internal int MaxConnections { get; init; } = 200;

    /// <summary>
    /// Off, PostgREST hears of a change of the schema only by NOTIFY, as when its answers were recorded. The platform's event trigger tells
    /// it of every change.
    /// </summary>
    internal bool NoticesSchema { get; init; } = true;

    /// <summary>
    /// Off, the services are asked directly, as they were when their answers were recorded: no key is checked, and none stands for a token.
    /// </summary>
    internal bool Gateway { get; init; } = true;
}
