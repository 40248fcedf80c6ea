using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests attacks by a signed-in user and by an anonymous caller.</summary>
[TestFixture]
internal sealed class AttackTests : LedgerFixture
{
    private const string Ids = "00000000-0000-4000-8000-00000000000";

    [SetUp]
    public async Task Initialize_two_accounts()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        await Consume(Bob, 10, "charged by bob");
        await Reserve(Bob, 20, "reserved by bob");
    }

    [TearDown]
    public async Task Check_that_nothing_changed()
    {
        await ShouldHave(Ada, 100, version: 1);
        await ShouldHave(Bob, 70, held: 20, version: 3);
    }

    [TestCase($"update public.user_credits set credits = 1000 where user_id = '{Ids}a'")]
    [TestCase($"insert into public.user_credits (user_id, credits) values ('{Ids}c', 1000)")]
    [TestCase($"insert into public.user_credits (user_id, credits) values ('{Ids}a', 1000) " +
        "on conflict (user_id) do update set credits = 1000")]
    [TestCase($"delete from public.user_credits where user_id = '{Ids}a'")]
    [TestCase("truncate public.user_credits")]
    [TestCase("insert into public.credit_ledger (user_id, version, kind, amount, balance_after, created_at) " +
        $"values ('{Ids}a', 2, 'grant', 1000, 1100, now())")]
    [TestCase("update public.credit_ledger set amount = 1000")]
    [TestCase("delete from public.credit_ledger where true")]
    [TestCase("update public.credit_reservations set amount = 1 where true")]
    [TestCase($"insert into public.usage_logs (user_id, action, credits, created_at) values ('{Ids}a', 'init', 1, now())")]
    [TestCase("select * from session_recovery.settings")]
    [TestCase("update session_recovery.settings set initial_amount = 1000000")]
    [TestCase($"select public.grant_credits('{Ids}a', 1000, 'k')")]
    [TestCase($"select public.refund_credits('{Ids}a', 1, 100, 'k')")]
    [TestCase($"select public.refund_credits('{Ids}b', 3, null, 'k', 'why')")]
    [TestCase($"select public.adjust_credits('{Ids}a', 1000, 'k', 'ada', 'why')")]
    [TestCase($"select public.adjust_credits('{Ids}b', -1, 'k', 'ada', 'why')")]
    [TestCase($"select public.consume_credits('{Ids}b', 1, 'k')")]
    [TestCase($"select public.consume_credits('{Ids}a', -1000, 'k')")]
    [TestCase($"select public.reserve_credits('{Ids}b', 70, 'k')")]
    [TestCase($"select public.capture_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1)")]
    [TestCase($"select public.capture_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1, 0)")]
    [TestCase($"select public.capture_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1, -1000)")]
    [TestCase($"select session_recovery.capture_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1, 0, " +
        "null, null)")]
    [TestCase($"select public.release_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1)")]
    [TestCase($"select public.extend_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1, 1)")]
    [TestCase($"select public.extend_reservation('{Ids}b', (select id from public.credit_reservations limit 1), 1, 1, true)")]
    [TestCase("select public.expire_reservations()")]
    [TestCase($"select public.initialize_user_credits('{Ids}c')")]
    [TestCase($"select public.get_user_credits('{Ids}b')")]
    [TestCase($"select public.user_credit_history('{Ids}b')")]
    [TestCase("select public.open_reservations()")]
    [TestCase($"select public.open_reservations('{Ids}b')")]
    [TestCase($"select session_recovery.open_reservations('{Ids}a', null, null, 50)")]
    [TestCase($"select session_recovery.user_credit_history('{Ids}b', null, 50)")]
    [TestCase($"select session_recovery.history_json('{Ids}b', null, 50, true)")]
    [TestCase("select public.active_user_snapshot()")]
    [TestCase("select public.credits_audit()")]
    [TestCase("select public.session_recovery_schema()")]
    [TestCase("select * from session_recovery.key_ring")]
    [TestCase("select public.read_key_ring()")]
    [TestCase("select session_recovery.read_key_ring()")]
    [TestCase("select public.add_key_ring_element('key-1', '<key />')")]
    [TestCase("select session_recovery.add_key_ring_element('key-1', '<key />')")]
    [TestCase($"select session_recovery.grant_credits('{Ids}a', 1000, 'k', null, null)")]
    [TestCase($"select session_recovery.refund_credits('{Ids}a', 1, 100, 'k', null, null)")]
    [TestCase($"select session_recovery.adjust_credits('{Ids}a', 1000, 'k', 'ada', 'why', null)")]
    [TestCase($"select session_recovery.open_account('{Ids}c')")]
    [TestCase($"select session_recovery.insert_account('{Ids}c', 1000, 'x')")]
    [TestCase($"select session_recovery.initialize_account('{Ids}a')")]
    [TestCase($"select session_recovery.read_balance('{Ids}b')")]
    [TestCase($"select session_recovery.append_ledger_entry(row('{Ids}a', 100, 0, 1, null, now(), 'x', " +
        $"null)::session_recovery.account_state, 'grant', 1000)")]
    [TestCase("select session_recovery.set_initial_amount(1000000)")]
    public async Task Users_cannot_write_or_call_server_functions(string sql)
    {
        await ShouldFail(() => Database.QueryAsync(Caller.User(Ada), sql), "42501");
        await ShouldFail(() => Database.QueryAsync(Caller.Anon, sql), "42501");
    }

    [TestCase("update public.user_credits set credits = 1000 where true")]
    [TestCase("insert into public.user_credits (user_id, credits) values (gen_random_uuid(), 1000)")]
    [TestCase("delete from public.user_credits where true")]
    [TestCase("truncate public.credit_ledger")]
    [TestCase("update public.credit_ledger set amount = 1 where true")]
    [TestCase("delete from public.credit_reservations where true")]
    public async Task Server_role_writes_through_functions_only(string sql) =>
        await ShouldFail(() => Database.QueryAsync(Caller.Server, sql), "42501");

    [Test]
    public async Task Users_see_their_own_rows_only()
    {
        foreach (var table in new[] { "user_credits", "credit_ledger", "credit_reservations", "usage_logs" })
        {
            (await Database.QueryAsync(Caller.User(Ada), $"select distinct user_id from public.{table}"))
                .Should().BeSubsetOf([Ada.ToString()]);
            (await Database.QueryAsync(Caller.User(Bob), $"select distinct user_id from public.{table}")).Should().Equal(Bob.ToString());
            await ShouldFail(() => Database.QueryAsync(Caller.Anon, $"select * from public.{table}"), "42501");
        }
    }

    [TestCase("get_my_credits")]
    [TestCase("initialize_my_credits")]
    [TestCase("credit_history")]
    public async Task Missing_identity_is_an_error(string function)
    {
        string[] withoutUser =
        [
            """{"role":"authenticated"}""",
            """{"role":"authenticated","sub":null}""",
            """{"role":"authenticated","sub":""}""",
            """{"role":"authenticated","sub":"x"}""",
            "",
        ];
        foreach (var claims in withoutUser)
        {
            await ShouldFail(() => Database.CallAsync(new Caller("authenticated", claims), function), "42501");
        }

        await ShouldFail(() => Database.CallAsync(Caller.Anon, function), "42501");
        await ShouldFail(() => Call(function), "42501");
    }

    [Test]
    public async Task Rolled_back_charge_has_no_effect()
    {
        var consumed = await Database.CallAsync(
            Caller.Server,
            "consume_credits",
            new { p_user = Ada, p_amount = 5L, p_key = "k" },
            rollBack: true);

        consumed.Outcome.Should().Be("ok");
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task Search_path_objects_do_not_shadow_the_ledger()
    {
        await Database.ExecuteAsync(
            """
            create schema evil;
            grant usage on schema evil to public;
            create table evil.user_credits (user_id uuid, credits bigint, held bigint, version bigint, next_hold_expiry timestamptz);
            insert into evil.user_credits values ('00000000-0000-4000-8000-00000000000a', 1000000, 0, 1, null);
            create function evil.coalesce(bigint, bigint) returns bigint language sql as 'select 1000000';
            create function evil.jsonb_build_object(variadic "any") returns jsonb language internal as 'jsonb_build_object_noargs';
            create function evil.now() returns timestamptz language sql as 'select ''infinity''::timestamptz';
            grant all on all tables in schema evil to public;
            """,
            "supabase_admin");

        (await Database.QueryAsync(Caller.User(Ada), "set local search_path = evil, pg_temp, public, pg_catalog; " +
            "select public.get_my_credits() ->> 'available'"))
            .Should().Equal("100");
    }

    [Test]
    public async Task Temporary_table_does_not_shadow_user_credits()
    {
        (await Database.QueryAsync(
            Caller.User(Ada),
            """
            create temporary table user_credits (user_id uuid, credits bigint, held bigint, version bigint, next_hold_expiry timestamptz);
            insert into pg_temp.user_credits values ('00000000-0000-4000-8000-00000000000a', 1000000, 0, 1, null);
            select public.get_my_credits() ->> 'available'
            """)).Should().Equal("100");
    }
}
