using System.Globalization;
using Npgsql;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Database;

/// <summary>Provides connections to the project's database with the roles of the services.</summary>
internal sealed class StandInDatabase : IAsyncDisposable
{
    private readonly PostgresHost? _host;
    private readonly bool _ownsServer;
    private readonly NpgsqlConnectionStringBuilder _settings;

    private StandInDatabase(string connectionString, StandInOptions options, PostgresHost? host, bool ownsServer)
    {
        _host = host;
        _ownsServer = ownsServer;
        _settings = new NpgsqlConnectionStringBuilder(connectionString);
        Admin = Source(ThrowAwayPostgres.Superuser, 10);
        Auth = Source(AuthUser, 50);
        AuthPool = new UnvalidatedPool(() => Source(AuthUser, 1));
        Rest = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Settings(
            "authenticator", RestConnections).ConnectionString) { ApplicationName = "PostgREST 14.5" });
        Storage = StorageSource(options);
    }

    private const string AuthUser = "supabase_auth_admin";

    /// <summary>The number of connections that PostgREST uses.</summary>
    public const int RestConnections = 10;

    public NpgsqlDataSource Admin { get; }

    public NpgsqlDataSource Auth { get; }

    /// <summary>The connection pool of Auth, which is used if Auth is configured to keep idle connections.</summary>
    public UnvalidatedPool AuthPool { get; }

    public NpgsqlDataSource Rest { get; }

    public NpgsqlDataSource Storage { get; }

    public string Name => _settings.Database!;

    /// <summary>Gets the host name and the port of the database server.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"{_settings.Host}:{_settings.Port}");

    /// <summary>Gets the database server if only this test double uses it.</summary>
    public ThrowAwayPostgres OwnServer => _ownsServer
        ? _host!.Server
        : throw new InvalidOperationException(
            "This database's server is shared or not ours: start the stand-in with DedicatedPostgres to stop or kill it.");

    public static async Task<StandInDatabase> OpenAsync(StandInOptions options, CancellationToken cancellationToken)
    {
        if (options.Postgres is { } given)
        {
            await PlatformSql.ApplyAsync(given, options, cancellationToken);
            return new StandInDatabase(given, options, host: null, ownsServer: false);
        }

        var host = options.DedicatedPostgres
            ? await PostgresHost.StartOwnAsync(options, cancellationToken)
            : await PostgresHost.SharedAsync();
        var name = await host.CreateDatabaseAsync(options, cancellationToken);
        return new StandInDatabase(host.Server.ConnectionString(name), options, host, options.DedicatedPostgres);
    }

    /// <summary>Closes idle connections, because a restart of the database server has broken them.</summary>
    public void ForgetConnections()
    {
        foreach (var source in new[] { Admin, Auth, Rest, Storage })
        {
            source.Clear();
        }
    }

    public string ConnectionString(string user) =>
        new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Username = user }.ConnectionString;

    public async Task ExecuteAsync(string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Admin.CreateCommand(sql).With(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T?> ScalarAsync<T>(string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Admin.CreateCommand(sql).With(parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await AuthPool.DisposeAsync();
        foreach (var source in new[] { Admin, Auth, Rest, Storage })
        {
            await source.DisposeAsync();
        }

        if (_ownsServer)
        {
            await _host!.Server.DisposeAsync();
        }
        else if (_host is not null)
        {
            await _host.Server.DropDatabaseAsync(Name);
        }
    }

    private NpgsqlDataSource Source(string user, int connections) => NpgsqlDataSource.Create(Settings(user, connections));

    private NpgsqlConnectionStringBuilder Settings(string user, int connections) =>
        new(ConnectionString(user)) { MaxPoolSize = connections, Timeout = 30, CommandTimeout = 0, CancellationTimeout = 500 };

    private NpgsqlDataSource StorageSource(StandInOptions options)
    {
        var settings = Settings("supabase_storage_admin", 20);
        settings.Timeout = (int)Math.Ceiling(options.StorageConnectionTimeout.TotalSeconds);
        settings.Options =
            string.Create(CultureInfo.InvariantCulture, $"-c statement_timeout={options.StorageStatementTimeout.TotalMilliseconds:0}");
        return NpgsqlDataSource.Create(settings);
    }
}
