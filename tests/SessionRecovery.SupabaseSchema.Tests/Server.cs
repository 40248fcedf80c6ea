using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// Starts one PostgreSQL server for all tests, with two template databases. One template contains the schemas of the Supabase platform, and
/// the other one also contains the migrations.
/// </summary>
[SetUpFixture]
public sealed class Server
{
    public const string Platform = "platform";
    public const string Ledger = "ledger";

    private static ThrowAwayPostgres? _postgres;

    public static ThrowAwayPostgres Postgres => _postgres ?? throw new InvalidOperationException("PostgreSQL was not started.");

    [OneTimeSetUp]
    public async Task Start()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        _postgres = await ThrowAwayPostgres.StartAsync();
        await _postgres.CreateDatabaseAsync(Platform);
        await _postgres.ApplySupabasePlatformAsync(Platform);
        await _postgres.CreateDatabaseAsync(Ledger, Platform);
        await SqlFiles.ApplyMigrationsAsync(_postgres, Ledger);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
