using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Many at once: one effect for a key, no version missing, nothing that waits in a circle.</summary>
[TestFixture]
internal sealed class ConcurrencyTests : LedgerFixture
{
    [Test]
    public async Task Sixteen_with_one_key_have_one_effect()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var answers = await AtOnce(16, _ => Consume(Ada, 3, $"k{round}"));

            answers.Should().OnlyContain(answer => answer.Outcome == "ok");
            answers.Count(answer => !answer.Replayed).Should().Be(1);
            answers.Select(answer => answer.LedgerId).Distinct().Should().HaveCount(1);
        }

        await ShouldHave(Ada, 70, version: 11);
    }

    [Test]
    public async Task A_key_is_spent_or_held_and_never_both()
    {
        await Initialize(Ada);
        for (var round = 0; round < 20; round++)
        {
            var answers = await AtOnce(8, index => index % 2 == 0 ? Consume(Ada, 1, $"k{round}") : Reserve(Ada, 1, $"k{round}"));

            var spent = answers.Where((_, index) => index % 2 == 0).Count(answer => answer.Outcome == "ok");
            var held = answers.Where((_, index) => index % 2 == 1).Count(answer => answer.Outcome == "held");
            (spent, held).Should().BeOneOf((4, 0), (0, 4));
            answers.Count(answer => answer.Outcome == "key_conflict").Should().Be(4);
        }
    }

    [Test]
    public async Task Nobody_spends_more_than_there_is_and_every_change_is_one_version()
    {
        await Initialize(Ada);

        var answers = await AtOnce(32, index => Consume(Ada, 9, $"k{index}"));

        answers.Count(answer => answer.Outcome == "insufficient").Should().Be(21);
        answers.Where(answer => answer.Outcome == "ok").Select(answer => answer.Version).Should().BeEquivalentTo(Enumerable.Range(2, 11).Select(version => (long)version));
        await ShouldHave(Ada, 1, version: 12);
    }

    [Test]
    public async Task An_account_is_opened_once_by_many()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = Guid.NewGuid();
            var answers = await AtOnce(16, index => index % 2 == 0 ? Initialize(user) : CallAs(user, "initialize_my_credits"));

            answers.Should().OnlyContain(answer => answer.Outcome == "ok" && answer.Available == 100);
            answers.Count(answer => answer.Created).Should().Be(1);
        }
    }

    [Test]
    public async Task Many_runners_of_one_key_hold_it_once_and_its_end_is_one()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var key = $"h{round}";
            var answers = await AtOnce(8, _ => Reserve(Ada, 2, key, Guid.NewGuid()));
            var hold = answers.Single(answer => answer.Outcome == "held");
            answers.Count(answer => answer.Outcome == "in_progress").Should().Be(7);

            var ends = await AtOnce(8, index => index % 2 == 0 ? Capture(Ada, hold) : Release(Ada, hold));
            ends.Count(answer => answer.Outcome is "captured").Should().BeOneOf(0, 4);
            ends.Count(answer => answer.Outcome is "captured" or "released").Should().Be(4);
            ends.Count(answer => answer.Outcome is "captured" or "released" && !answer.Replayed).Should().Be(1);
        }
    }

    [Test]
    public async Task Everything_at_once_on_a_few_users_ends_in_good_books_and_without_a_deadlock()
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
                switch (random.Next(8))
                {
                    case 0: await Call("grant_credits", new { p_user = user, p_amount = 5L, p_key = key }); break;
                    case 1: await Call("expire_reservations"); break;
                    case 2: await Call("active_user_snapshot"); break;
                    case 3: await CallAs(user, "initialize_my_credits"); break;
                    case 4 or 5: await Consume(user, 1 + random.Next(3), key); break;
                    default:
                        // Some lapse at once, so that reads, spends and the sweep meet over them.
                        var hold = await Reserve(user, 2, key, Guid.NewGuid(), seconds: random.Next(2) == 0 ? 0.001m : 10m);
                        if (hold.Outcome == "held")
                        {
                            await (random.Next(3) switch { 0 => Release(user, hold), 1 => Extend(user, hold, 0.001m), _ => Capture(user, hold) });
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
        // All wait at one gate, so that they meet in the database and not one after the other in this loop.
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
