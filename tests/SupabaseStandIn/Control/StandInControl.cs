using SupabaseStandIn.Auth;
using SupabaseStandIn.Database;
using SupabaseStandIn.Rest;
using SupabaseStandIn.Tokens;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Control;

/// <summary>What tests do to a running stand-in.</summary>
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

    /// <summary>How sessions are kept.</summary>
    public AuthOptions Auth { get; }

    internal RestSettings Rest { get; }

    /// <summary>What an administrator does to users and sessions.</summary>
    public UserControl Users { get; }

    /// <summary>The time of the services and of the ledger.</summary>
    public DateTimeOffset Now => _clock.Now;

    /// <summary>How often what was asked for: <c>POST /auth/v1/token?grant_type=refresh_token</c>, say.</summary>
    public IReadOnlyDictionary<string, int> Requests => _counters.Snapshot();

    public string CurrentKey => _keys.Current.Id;

    public void Fail(Fault fault) => _faults.Add(fault);

    public void ClearFaults() => _faults.Clear();

    public void ResetRequests() => _counters.Reset();

    public Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default) => _clock.AdvanceAsync(by, cancellationToken);

    public Task SetTimeAsync(DateTimeOffset at, CancellationToken cancellationToken = default) => _clock.FreezeAsync(at, cancellationToken);

    public Task RunClockAsync(CancellationToken cancellationToken = default) => _clock.RunAsync(cancellationToken);

    public Task<string> RotateKeyAsync(CancellationToken cancellationToken = default) => _keys.RotateAsync(cancellationToken);

    /// <summary>A key that is published and signs nothing yet; the next rotation takes it.</summary>
    public Task<string> AddStandbyKeyAsync(
        SigningAlgorithm algorithm = SigningAlgorithm.ES256, string? id = null, CancellationToken cancellationToken = default) =>
        _keys.AddStandbyAsync(algorithm, id, cancellationToken);

    /// <summary>Tokens of that key are refused from now on.</summary>
    public Task RevokeKeyAsync(string id, CancellationToken cancellationToken = default) => _keys.RevokeAsync(id, cancellationToken);

    public Task RevokePreviousKeysAsync(CancellationToken cancellationToken = default) => _keys.RevokePreviousAsync(cancellationToken);

    /// <summary>Runs SQL as the superuser, after which PostgREST knows what it made.</summary>
    public async Task ExecuteAsync(string sql, params object?[] parameters)
    {
        await _database.ExecuteAsync(sql, parameters, CancellationToken.None);
        await _schema.ReloadAsync(CancellationToken.None);
    }

    /// <summary>
    /// After migrations were applied from outside: PostgREST calls what they made, and the ledger's time is the stand-in's again.
    /// </summary>
    public async Task MigratedAsync(CancellationToken cancellationToken = default)
    {
        await PlatformSql.ReplaceClockAsync(_database.ConnectionString(ThrowAwayPostgres.Superuser), cancellationToken);
        await _schema.ReloadAsync(cancellationToken);
    }

    /// <summary>Applies a file as the platform's own role would, in one transaction.</summary>
    public async Task ApplyAsync(string sql, CancellationToken cancellationToken = default)
    {
        await PlatformSql.RunAsync(ConnectionString(), PlatformSql.Developer, sql, cancellationToken);
        await MigratedAsync(cancellationToken);
    }

    /// <summary>Reads one value as the superuser.</summary>
    public Task<T?> ScalarAsync<T>(string sql, params object?[] parameters) =>
        _database.ScalarAsync<T>(sql, parameters, CancellationToken.None);

    /// <summary>What the ledger's own audit finds wrong in its books: nothing, also where there is no ledger.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync() =>
        await ScalarAsync<string>("select to_regproc('public.credits_audit')::text") is null
            ? []
            : (await ScalarAsync<string[]>("select array(select jsonb_array_elements_text(public.credits_audit() -> 'faults'))"))!;

    /// <summary>A connection string to the project's database.</summary>
    public string ConnectionString(string user = "postgres") => _database.ConnectionString(user);

    /// <summary>The database server, where it is this stand-in's own.</summary>
    internal ThrowAwayPostgres Server => _database.OwnServer;

    /// <summary>SIGKILL to the database server; only where it is this stand-in's own.</summary>
    public void KillDatabase() => _database.OwnServer.Kill();

    public Task StopDatabaseAsync() => _database.OwnServer.StopAsync(PostgresStop.Fast);

    /// <summary>Closes the idle connections of this control itself, which a restart of the server from outside left dead.</summary>
    internal void ForgetConnections() => _database.Admin.Clear();

    /// <summary>Closes Auth's idle connections: settings of its role count from the next one on.</summary>
    internal void RestartAuth()
    {
        _database.Auth.Clear();
        _database.KeptForAuth.Clear();
    }

    /// <summary>What a new start of PostgREST makes of it: no connections, and nothing known until the database has been asked.</summary>
    internal void RestartRest()
    {
        _database.Rest.Clear();
        _schema.Forget();
    }

    /// <summary>Starts the server again; when it returns, PostgREST has noticed.</summary>
    public async Task StartDatabaseAsync()
    {
        await _database.OwnServer.StartAgainAsync();
        _database.ForgetConnections();
        await _schema.ReloadAsync(CancellationToken.None);
    }
}
