using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Tests.Replay;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests;

public sealed class AuthReplayTests
{
    [TestCase("auth-2.196.0", "2.196.0", "jwks", "db", "server")]
    [TestCase("auth-2.186.0", "2.186.0")]
    public Task Auth_answers_as_the_release_that_was_recorded(string recording, string version, params string[] replayedElsewhere) =>
        ReplayAsync(recording, new StandInOptions { AuthVersion = version }, exchange => !replayedElsewhere.Contains(exchange.Group));

    [Test]
    public Task Auth_answers_as_recorded_while_keys_rotate_and_are_revoked() =>
        ReplayAsync("auth-2.196.0", new StandInOptions(), exchange => exchange.Group is "jwks");

    [Test]
    public Task Auth_answers_as_recorded_when_the_database_fails() =>
        ReplayAsync("auth-2.196.0", new StandInOptions { DedicatedPostgres = true, Durable = true, MaxConnections = 40 },
            exchange => exchange.Group is "db" or "server");

    private static async Task ReplayAsync(string recording, StandInOptions options, Func<Exchange, bool> which)
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var replayer = new AuthReplayer(
            await StandIn.StartAsync(options with { Signing = SigningAlgorithm.HS256, Gateway = false, Migrations = false }),
                Recording.Read($"{recording}.jsonl"));
        await ReplayReport.ReplayAsync(replayer, recording, which);
    }
}
