using NUnit.Framework;
using SessionRecovery.Testing;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn.Tests.Replay;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests;

public sealed class AuthReplayTests
{
    [TestCase("auth-2.196.0", "2.196.0")]
    [TestCase("auth-2.186.0", "2.186.0")]
    public async Task Auth_answers_as_the_release_that_was_recorded(string recording, string version)
    {
        Requirement.Met(ThrowAwayPostgres.WhyNot);
        var exchanges = Recording.Read($"{recording}.jsonl");
        await using var replayer = new AuthReplayer(
            await StandIn.StartAsync(new StandInOptions { AuthVersion = version, Signing = SigningAlgorithm.HS256, Gateway = false, Migrations = false }), exchanges);
        await ReplayBooks.ReplayAsync(replayer, recording, exchanges.Where(exchange => exchange.Group is not ("jwks" or "ratelimit" or "db")));
    }
}
