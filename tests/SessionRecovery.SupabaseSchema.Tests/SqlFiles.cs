using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Lists the shipped SQL files, and applies each file in one transaction with the role of the hosted platform.</summary>
internal static class SqlFiles
{
    public const string Role = "postgres";

    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Sql");

    public static IReadOnlyList<string> Migrations => In("Migrations");

    public static string Adoption => Migrations.Single(static path => path.EndsWith("_adoption.sql", StringComparison.Ordinal));

    public static string Contract => In("Contract").Single();

    public static string NewUsers => In("Optional").Single();

    public static string Leaving => In("Leaving").Single();

    /// <summary>Gets the paths of all shipped SQL files, including the schema of the SQLite store.</summary>
    public static IReadOnlyList<string> All =>
        [.. Directory.GetFiles(Root, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public static async Task ApplyAsync(ThrowAwayPostgres postgres, string database, string path) =>
        await postgres.ExecuteAsync(await File.ReadAllTextAsync(path), database, Role);

    public static async Task ApplyMigrationsAsync(ThrowAwayPostgres postgres, string database)
    {
        foreach (var path in Migrations)
        {
            await ApplyAsync(postgres, database, path);
        }
    }

    private static string[] In(string folder) => [.. Directory.GetFiles(Path.Combine(Root, folder), "*.sql").Order(StringComparer.Ordinal)];
}
