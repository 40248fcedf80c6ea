using SupabaseStandIn.Auth;
using SupabaseStandIn.Database;
using SupabaseStandIn.Rest;
using SupabaseStandIn.Tokens;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Control;

/// <summary>Lets a test control a running test double of Supabase.</summary>
public sealed class StandInControl
{
    private readonly FaultInjection _faults;
    private readonly RequestCounters _counters;
    private readonly StandInClock _clock;
    private readonly KeyRing _keys;
    private readonly StandInDatabase _database;
    private readonly SchemaCache _schema;

    internal StandInControl(FaultInjection faults, RequestCounters counters, StandInClock clock, KeyRing keys, StandInDatabase database,
        AuthOptions auth, RestSettings rest, SchemaCache schema)
    {
        _schema = schema;
        Users = new UserControl(database, clock);
        (_faults, _counters, _clock, _keys, _database) = (faults, counters, clock, keys, database);
        (Auth, Rest) = (auth, rest);
    }

    /// <summary>Gets the settings of Auth.</summary>
    public AuthOptions Auth { get; }

    internal RestSettings Rest { get; }

    /// <summary>Gets the object that administers users and sessions.</summary>
    public UserControl Users { get; }

    /// <summary>Gets the current time on the clock that the services and the ledger use.</summary>
    public DateTimeOffset Now => _clock.Now;

    /// <summary>Gets the number of requests by method and path, for example <c>POST /auth/v1/token?grant_type=refresh_token</c>.</summary>
    public IReadOnlyDictionary<string, int> Requests => _counters.Snapshot();

    public string CurrentKey => _keys.Current.Id;

    public void Fail(Fault fault) => _faults.Add(fault);

    public void ClearFaults() => _faults.Clear();

    public void ResetRequests() => _counters.Reset();

    public Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default) => _clock.AdvanceAsync(by, cancellationToken);

    public Task SetTimeAsync(DateTimeOffset at, CancellationToken cancellationToken = default) => _clock.FreezeAsync(at, cancellationToken);

    public Task RunClockAsync(CancellationToken cancellationToken = default) => _clock.RunAsync(cancellationToken);

    public Task<string> RotateKeyAsync(CancellationToken cancellationToken = default) => _keys.RotateAsync(cancellationToken);

    /// <summary>Adds a key that is published but does not sign. The next rotation activates it.</summary>
    public Task<string> AddStandbyKeyAsync(
        SigningAlgorithm algorithm = SigningAlgorithm.ES256, string? id = null, CancellationToken cancellationToken = default) =>
        _keys.AddStandbyAsync(algorithm, id, cancellationToken);

    /// <summary>Revokes a signing key. Tokens that were signed with this key are rejected from now on.</summary>
    public Task RevokeKeyAsync(string id, CancellationToken cancellationToken = default) => _keys.RevokeAsync(id, cancellationToken);

    public Task RevokePreviousKeysAsync(CancellationToken cancellationToken = default) => _keys.RevokePreviousAsync(cancellationToken);

    /// <summary>Runs SQL as the superuser and reloads PostgREST's schema cache.</summary>
    public async Task ExecuteAsync(string sql, params object?[] parameters)
    {
        await _database.ExecuteAsync(sql, parameters, CancellationToken.None);
        await _schema.ReloadAsync(CancellationToken.None);
    }

    /// <summary>
    /// Prepares the test double after migrations were applied externally. PostgREST reloads its schema cache, and the ledger uses the test
    /// double's clock.
    /// </summary>
    public async Task MigratedAsync(CancellationToken cancellationToken = default)
    {
        await PlatformSql.ReplaceClockAsync(_database.ConnectionString(ThrowAwayPostgres.Superuser), cancellationToken);
        await _schema.ReloadAsync(cancellationToken);
    }

    /// <summary>Applies an SQL file in one transaction with the role that the platform uses for migrations.</summary>
    public async Task ApplyAsync(string sql, CancellationToken cancellationToken = default)
    {
        await PlatformSql.RunAsync(ConnectionString(), PlatformSql.Developer, sql, cancellationToken);
        await MigratedAsync(cancellationToken);
    }

    /// <summary>Reads one value from the database as the superuser.</summary>
    public Task<T?> ScalarAsync<T>(string sql, params object?[] parameters) =>
        _database.ScalarAsync<T>(sql, parameters, CancellationToken.None);

    /// <summary>Returns the violations that the audit of the ledger finds. The list is empty if the database has no ledger.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync() =>
        await ScalarAsync<string>("select to_regproc('public.credits_audit')::text") is null
            ? []
            : (await ScalarAsync<string[]>("select array(select jsonb_array_elements_text(public.credits_audit() -> 'faults'))"))!;

    /// <summary>Returns a connection string of the project's database.</summary>
    public string ConnectionString(string user = "postgres") => _database.ConnectionString(user);

    /// <summary>Gets the object that controls the database server. The server must be used by this test double only.</summary>
    internal ThrowAwayPostgres Server => _database.OwnServer;

    /// <summary>Kills the database server with SIGKILL. The server must be used by this test double only.</summary>
    public void KillDatabase() => _database.OwnServer.Kill();

    public Task StopDatabaseAsync() => _database.OwnServer.StopAsync(PostgresStop.Fast);

    /// <summary>Closes the idle connections of this object, which an external restart of the database server has broken.</summary>
    internal void ForgetConnections() => _database.Admin.Clear();

    /// <summary>Closes the idle connections of Auth, because changed role settings apply only to new connections.</summary>
    internal void RestartAuth()
    {
        _database.Auth.Clear();
        _database.AuthPool.Clear();
    }

    /// <summary>
    /// Simulates a restart of PostgREST, which then has no connections, and an empty schema cache until the next database query.
    /// </summary>
    internal void RestartRest()
    {
        _database.Rest.Clear();
        _schema.Forget();
    }

    /// <summary>Starts the database server again and waits until PostgREST has reconnected.</summary>
    public async Task StartDatabaseAsync()
    {
        await _database.OwnServer.StartAgainAsync();
        _database.ForgetConnections();
        await _schema.ReloadAsync(CancellationToken.None);
    }
}
