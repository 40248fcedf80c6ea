using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Tests.Replay;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests;

public sealed class StorageReplayTests
{
    [TestCase("storage-1.70.6", "1.70.6")]
    [TestCase("storage-1.44.2", "1.44.2")]
    public async Task Storage_answers_as_the_release_that_was_recorded(string recording, string version)
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var replayer = new StorageReplayer(await StandIn.StartAsync(
            new StandInOptions { StorageVersion = version, Signing = SigningAlgorithm.HS256, Gateway = false, Migrations = false,
                SqlBeforeMigrations = [StorageReplayer.Fixture] }));
        await replayer.FillAsync();
        await ReplayReport.ReplayAsync(replayer, recording, exchange => exchange.Group is not "db");
    }

    [TestCase("storage-1.70.6", "1.70.6")]
    [TestCase("storage-1.44.2", "1.44.2")]
    public async Task Storage_answers_as_recorded_when_the_database_fails(string recording, string version)
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        var folder = Directory.CreateTempSubdirectory("storage-replay-");
        try
        {
            await using var replayer = new StorageReplayer(
                await StandIn.StartAsync(new StandInOptions
                {
                    DedicatedPostgres = true,
                    MaxConnections = 40,
                    StorageVersion = version,
                    StorageConnectionTimeout = TimeSpan.FromSeconds(1),
                    StorageStatementTimeout = TimeSpan.FromSeconds(2),
                    StorageLockTimeout = TimeSpan.FromSeconds(0.3),
                    Data = folder.FullName,
                    Signing = SigningAlgorithm.HS256,
                    Gateway = false,
                    Migrations = false,
                    SqlBeforeMigrations = [StorageReplayer.Fixture],
                }),
                folder.FullName);
            await replayer.FillAsync();
            await replayer.PutHelloAsync();
            await ReplayReport.ReplayAsync(replayer, recording, exchange => exchange.Group is "db");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
