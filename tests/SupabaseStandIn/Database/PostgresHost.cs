using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Database;

/// <summary>
/// Starts the PostgreSQL server that all test doubles of a test process share, because starting a server takes seconds. Each test double
/// gets its own database, which is copied from a template in a few hundred milliseconds. The server stops when the process exits.
/// </summary>
internal sealed class PostgresHost(ThrowAwayPostgres server)
{
    private static readonly Lazy<Task<PostgresHost>> Shared = new(StartAsync);

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _templates = new();
    private int _databases;

    public ThrowAwayPostgres Server { get; } = server;

    public static Task<PostgresHost> SharedAsync() => Shared.Value;

    public static async Task<PostgresHost> StartOwnAsync(StandInOptions options, CancellationToken cancellationToken) =>
        new(await ThrowAwayPostgres.StartAsync(
            new PostgresOptions { Durable = options.Durable, MaxConnections = options.MaxConnections }, cancellationToken));

    /// <summary>Creates a database with all features that the options request.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names of our own making.")]
    public async Task<string> CreateDatabaseAsync(StandInOptions options, CancellationToken cancellationToken)
    {
        var key = string.Join('\0', [options.Migrations.ToString(), .. options.SqlBeforeMigrations]);
        var template =
            await _templates.GetOrAdd(key, _ => new Lazy<Task<string>>(() => CreateTemplateAsync(options, cancellationToken))).Value;
        var name = $"stand_in_{Interlocked.Increment(ref _databases)}";
        await Server.CreateDatabaseAsync(name, template, cancellationToken);
        return name;
    }

    private static async Task<PostgresHost> StartAsync() => new(await ThrowAwayPostgres.StartAsync());

    private async Task<string> CreateTemplateAsync(StandInOptions options, CancellationToken cancellationToken)
    {
        var name = $"stand_in_template_{_templates.Count}_{Interlocked.Increment(ref _databases)}";
        await Server.CreateDatabaseAsync(name, cancellationToken: cancellationToken);
        await PlatformSql.ApplyAsync(Server.ConnectionString(name), options, cancellationToken);
        return name;
    }
}
