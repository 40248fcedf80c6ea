using System.Reflection;
using Npgsql;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Database;

/// <summary>
/// Contains the SQL that creates a Supabase project in an empty database. Each part runs with the role that runs it on the platform.
/// </summary>
internal static class PlatformSql
{
    /// <summary>
    /// The name of a role that is not a superuser and does not own the schema <c>auth</c>. A migration that succeeds with this role also
    /// succeeds on the hosted platform.
    /// </summary>
    public const string Developer = "postgres";

    private const string Superuser = ThrowAwayPostgres.Superuser;

    private static readonly Assembly Here = typeof(PlatformSql).Assembly;

    public static async Task ApplyAsync(string connectionString, StandInOptions options, CancellationToken cancellationToken)
    {
        await RunAsync(connectionString, Superuser, Read(typeof(ThrowAwayPostgres).Assembly, "SupabasePlatform.sql"), cancellationToken);
        foreach (var part in new[] { "stand_in.sql", "auth.sql", "storage.sql" })
        {
            await RunAsync(connectionString, Superuser, Read(Here, part), cancellationToken);
        }

        await RunAsync(connectionString, Developer, Read(Here, "uploads.sql"), cancellationToken);
        foreach (var sql in options.SqlBeforeMigrations)
        {
            await RunAsync(connectionString, Developer, sql, cancellationToken);
        }

        if (options.Migrations)
        {
            foreach (var migration in Migrations())
            {
                await RunAsync(connectionString, Developer, Read(Here, migration), cancellationToken);
            }
        }

        await ReplaceClockAsync(connectionString, cancellationToken);
    }

    /// <summary>
    /// Replaces the ledger's clock with the clock of the test double. The method is called again after the migrations of the ledger were
    /// applied externally.
    /// </summary>
    public static Task ReplaceClockAsync(string connectionString, CancellationToken cancellationToken) =>
        RunAsync(connectionString, Superuser, Read(Here, "clock.sql"), cancellationToken);

    public static IEnumerable<string> Migrations() =>
        Here.GetManifestResourceNames().Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static async Task RunAsync(string connectionString, string user, string sql, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Username = user, Pooling = false, CommandTimeout = 120 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Read(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
