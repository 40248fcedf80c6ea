using FluentAssertions;
using Npgsql;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests commands that get their lock after their deadline.</summary>
[TestFixture]
internal sealed class DeadlineTests : LedgerFixture
{
    [Test]
    public async Task Late_command_returns_the_time_of_the_database()
    {
        await Advance(TimeSpan.Zero);
        var late = Now.AddSeconds(-1).UtcDateTime;

        var withoutAccount = await Call("grant_credits", new { p_user = Ada, p_amount = 5L, p_key = "k", p_deadline = late });
        await Initialize(Ada);
        var withAccount = await Call("consume_credits", new { p_user = Ada, p_amount = 5L, p_key = "k", p_deadline = late });

        withoutAccount.Names.Should().Equal("as_of", "outcome");
        foreach (var result in new[] { withoutAccount, withAccount })
        {
            result.Outcome.Should().Be("deadline_passed");
            DateTimeOffset.Parse(result.Json.GetProperty("as_of").GetString()!, null).Should().Be(Now);
        }

        await ShouldHave(Ada, 100, version: 1);
    }

    [TestCase("consume_credits('{0}', 5, 'k', p_deadline => '{1}')")]
    [TestCase("grant_credits('{0}', 5, 'k', p_deadline => '{1}')")]
    [TestCase("adjust_credits('{0}', 5, 'k', 'eve', 'why', p_deadline => '{1}')")]
    [TestCase("reserve_credits('{0}', 5, 'k', p_deadline => '{1}')")]
    public async Task Deadline_is_checked_after_the_wait_for_the_lock(string call)
    {
        // The clock reads a table, because a running function would not notice that its clock was replaced.
        await Database.ExecuteAsync(
            $"""
            create table session_recovery.test_clock as select timestamptz '{Now:O}' as at;
            grant select on session_recovery.test_clock to session_recovery_owner;
            create or replace function session_recovery.now() returns timestamptz language plpgsql volatile set search_path = '' as
            $$ begin return (select at from session_recovery.test_clock); end $$
            """,
            "supabase_admin");
        await Initialize(Ada);
        var sql = $"select public.{string.Format(null, call, Ada, Now.AddSeconds(1).ToString("O"))} ->> 'outcome'";
        Task<IReadOnlyList<string>> command;
        await using (var connection = await Database.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var row = new NpgsqlCommand("select from public.user_credits for update", connection, transaction))
            {
                await row.ExecuteNonQueryAsync();
            }

            command = Database.QueryAsync(Caller.Server, sql);
            while (await Database.QueryAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
                "supabase_admin") is ["0"])
            {
                command.IsCompleted.Should().BeFalse("the command waits for the row");
            }

            await Database.ExecuteAsync("update session_recovery.test_clock set at = at + interval '2 seconds'", "supabase_admin");
            await transaction.RollbackAsync();
        }

        (await command).Should().Equal("deadline_passed");
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 5, "k")).Replayed.Should().BeFalse();
    }
}
