using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Tests.Replay;

namespace SupabaseStandIn.Tests;

public sealed class RestReplayTests
{
    [Test]
    public async Task Rest_answers_as_the_release_that_was_recorded()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var replayer = new RestReplayer(await StandIn.StartAsync(
            new StandInOptions { Gateway = false, Migrations = false,
                SqlBeforeMigrations = [Recording.ReadText("postgrest.sql"), Recording.ReadText("credits.sql")] }));
        await ReplayReport.ReplayAsync(replayer, "postgrest-14.5", exchange => exchange.Group is not "db");
    }

    [Test]
    public async Task Rest_answers_as_recorded_when_the_database_fails()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var replayer = new RestReplayer(await StandIn.StartAsync(new StandInOptions
        {
            DedicatedPostgres = true,
            RestPoolTimeout = TimeSpan.FromSeconds(0.5),
            NoticesSchema = false,
            Gateway = false,
            Migrations = false,
            SqlBeforeMigrations = [Recording.ReadText("postgrest.sql")],
        }));
        await ReplayReport.ReplayAsync(replayer, "postgrest-14.5", exchange => exchange.Group is "db");
    }
}
