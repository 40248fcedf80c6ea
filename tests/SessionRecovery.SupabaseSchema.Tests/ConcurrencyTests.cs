using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests concurrent commands. Each key must take effect once, versions must have no gaps, and no deadlock may occur.</summary>
[TestFixture]
internal sealed class ConcurrencyTests : LedgerFixture
{
    [Test]
    public async Task Concurrent_charges_with_one_key_have_one_effect()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var results = await AtOnce(16, _ => Consume(Ada, 3, $"k{round}"));

            results.Should().OnlyContain(result => result.Outcome == "ok");
            results.Count(result => !result.Replayed).Should().Be(1);
            results.Select(result => result.LedgerId).Distinct().Should().HaveCount(1);
        }

        await ShouldHave(Ada, 70, version: 11);
    }

    [Test]
    public async Task Key_is_charged_or_held_and_never_both()
    {
        await Initialize(Ada);
        for (var round = 0; round < 20; round++)
        {
            var results = await AtOnce(8, index => index % 2 == 0 ? Consume(Ada, 1, $"k{round}") : Reserve(Ada, 1, $"k{round}"));

            var spent = results.Where((_, index) => index % 2 == 0).Count(result => result.Outcome == "ok");
            var held = results.Where((_, index) => index % 2 == 1).Count(result => result.Outcome == "held");
            (spent, held).Should().BeOneOf((4, 0), (0, 4));
            results.Count(result => result.Outcome == "key_conflict").Should().Be(4);
        }
    }

    [Test]
    public async Task Key_is_charged_or_reserved_without_a_price_and_never_both()
    {
        await Initialize(Ada);
        for (var round = 0; round < 20; round++)
        {
            var results = await AtOnce(8, index => index % 2 == 0 ? Consume(Ada, 1, $"k{round}") : Reserve(Ada, 0, $"k{round}"));

            results.Count(result => result.Outcome == "key_conflict").Should().Be(4);
            results.Select((result, index) => (result.Outcome, index % 2)).Where(static pair => pair.Outcome != "key_conflict")
                .Select(static pair => pair.Item2).Distinct().Should().HaveCount(1);
        }
    }

    [Test]
    public async Task Concurrent_charges_never_exceed_the_balance()
    {
        await Initialize(Ada);

        var results = await AtOnce(32, index => Consume(Ada, 9, $"k{index}"));

        results.Count(result => result.Outcome == "insufficient").Should().Be(21);
        results.Where(result => result.Outcome == "ok")
            .Select(result => result.Version).Should().BeEquivalentTo(Enumerable.Range(2, 11).Select(version => (long)version));
        await ShouldHave(Ada, 1, version: 12);
    }

    [Test]
    public async Task Concurrent_initializations_create_one_account()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = Guid.NewGuid();
            var results = await AtOnce(16, index => index % 2 == 0 ? Initialize(user) : CallAs(user, "initialize_my_credits"));

            results.Should().OnlyContain(result => result.Outcome == "ok" && result.Available == 100);
            results.Count(result => result.Created).Should().Be(1);
        }
    }

    [Test]
    public async Task Concurrent_lease_owners_hold_and_close_a_key_once()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var key = $"h{round}";
            var results = await AtOnce(8, _ => Reserve(Ada, 2, key, Guid.NewGuid()));
            var reservation = results.Single(result => result.Outcome == "held");
            results.Count(result => result.Outcome == "in_progress").Should().Be(7);

            var ends = await AtOnce(8, index => index % 2 == 0 ? Capture(Ada, reservation) : Release(Ada, reservation));
            ends.Count(result => result.Outcome is "captured").Should().BeOneOf(0, 4);
            ends.Count(result => result.Outcome is "captured" or "released").Should().Be(4);
            ends.Count(result => result.Outcome is "captured" or "released" && !result.Replayed).Should().Be(1);
        }
    }

    [Test]
    public async Task Concurrent_commands_keep_versions_gap_free_without_deadlocks()
    {
        var users = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var user in users)
        {
            await Initialize(user);
        }

        await AtOnce(24, async worker =>
        {
            var random = new Random(worker);
            for (var step = 0; step < 25; step++)
            {
                var user = users[random.Next(users.Length)];
                var key = $"k{random.Next(60)}";
                switch (random.Next(9))
                {
                    case 0: await Call("grant_credits", new { p_user = user, p_amount = 5L, p_key = key }); break;
                    case 8:
                        await Call(
                            "adjust_credits",
                            new { p_user = user, p_amount = -1L, p_key = key, p_actor = "eve", p_reason = "test" });
                        break;
                    case 1: await Call("expire_reservations"); break;
                    case 2: await Call("active_user_snapshot"); break;
                    case 3: await CallAs(user, "initialize_my_credits"); break;
                    case 4 or 5: await Consume(user, 1 + random.Next(3), key); break;
                    default:
                        // Some reservations expire immediately, so that reads, charges and the expiry job compete for them.
                        var reservation = await Reserve(user, 2, key, Guid.NewGuid(), seconds: random.Next(2) == 0 ? 0.001m : 10m);
                        if (reservation.Outcome == "held")
                        {
                            await (random.Next(3) switch
                            {
                                0 => Release(user, reservation),
                                1 => Extend(user, reservation, 0.001m),
                                _ => Capture(user, reservation),
                            });
                        }

                        break;
                }
            }

            return 0;
        });

        (await Database.QueryAsync("select deadlocks from pg_stat_database where datname = current_database()")).Should().Equal("0");
        foreach (var user in users)
        {
            var versions = await Database.QueryAsync($"select version from credit_ledger where user_id = '{user}' order by id");
            versions.Should().Equal(Enumerable.Range(1, versions.Count).Select(version => version.ToString(null as IFormatProvider)));
        }
    }

    private static async Task<T[]> AtOnce<T>(int count, Func<int, Task<T>> call)
    {
        // All calls wait for the same signal, so that they run concurrently in the database.
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, count).Select(async index =>
        {
            await gate.Task;
            return await call(index);
        }).ToArray();
        gate.SetResult();
        return await Task.WhenAll(calls);
    }
}
