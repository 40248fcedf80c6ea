using FluentAssertions;
using Npgsql;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// Tests that the contract and leaving scripts restore the host's grants and policies, or change nothing and report the reason.
/// </summary>
[TestFixture]
internal sealed class LeavingTests : LedgerFixture
{
    private const string App =
        """
        create table public.user_credits (user_id uuid primary key, credits integer not null default 0);
        alter table public.user_credits enable row level security;
        create policy "read own" on public.user_credits for select using (auth.uid() = user_id);
        """;

    protected override string Template => Server.Platform;

    [Test]
    public async Task Leaving_restores_grants_and_policies()
    {
        await Database.ExecuteAsync(
            App +
            """
            create policy "write, own" on public.user_credits as restrictive for update to authenticated
                using (auth.uid() = user_id) with check (credits < 5000);
            create role app_worker_of_tests;
            grant update (credits) on public.user_credits to app_worker_of_tests;
            grant insert on public.user_credits to app_worker_of_tests with grant option;
            revoke all on public.user_credits from anon;
            """);
        try
        {
            var before = await Catalog.ReadAsync(Database);
            await Database.ApplyMigrationsAsync();
            await Database.ApplyAsync(SqlFiles.Contract);
            (await Database.QueryAsync("select has_column_privilege('app_worker_of_tests', 'public.user_credits', 'credits', 'UPDATE')"))
                .Should().Equal("False");
            await Database.ApplyAsync(SqlFiles.Leaving);

            Sorted(await Catalog.ReadAsync(Database)).Should().Equal(Sorted(before));
        }
        finally
        {
            await Database.ExecuteAsync("drop owned by app_worker_of_tests; drop role app_worker_of_tests", "supabase_admin");
        }

        // The SQL privileges are compared regardless of their order.
        static IEnumerable<string> Sorted(string catalog) => catalog.Split('\n').Select(line => string.Concat(line.Order()));
    }

    [Test]
    public async Task Delegated_grants_are_restored_and_those_of_dropped_roles_skipped()
    {
        await Database.ExecuteAsync(App + "create role app_lead_of_tests; create role app_hand_of_tests; create role app_gone_of_tests");
        try
        {
            await Database.ExecuteAsync(
                """
                grant select on public.user_credits to app_lead_of_tests with grant option;
                grant select on public.user_credits to app_gone_of_tests;
                set role app_lead_of_tests;
                grant select on public.user_credits to app_hand_of_tests;
                reset role
                """,
                "supabase_admin");
            await Database.ApplyMigrationsAsync();
            await Database.ApplyAsync(SqlFiles.Contract);
            (await Rights()).Should().Equal("f and f");

            await Database.ExecuteAsync("drop role app_gone_of_tests", "supabase_admin");
            await Database.ApplyAsync(SqlFiles.Leaving);

            (await Rights()).Should().Equal("t and t");
        }
        finally
        {
            await Database.ExecuteAsync(
                "drop owned by app_lead_of_tests, app_hand_of_tests cascade; " +
                    "drop role if exists app_lead_of_tests, app_hand_of_tests, app_gone_of_tests",
                "supabase_admin");
        }

        Task<IReadOnlyList<string>> Rights() => Database.QueryAsync(
            """
            select format('%s and %s', has_table_privilege('app_lead_of_tests', 'public.user_credits', 'SELECT WITH GRANT OPTION'),
                has_table_privilege('app_hand_of_tests', 'public.user_credits', 'SELECT'))
            """);
    }

    [Test]
    public async Task Policy_of_a_dropped_role_stops_leaving_before_any_change()
    {
        await Database.ExecuteAsync(
            App +
            """
            create role app_clerk_of_tests;
            create policy "no clerks" on public.user_credits as restrictive for select to authenticated, app_clerk_of_tests
                using (auth.uid() = user_id);
            """);
        try
        {
            await Database.ApplyMigrationsAsync();
            await Database.ApplyAsync(SqlFiles.Contract);
            await Database.ExecuteAsync("drop role app_clerk_of_tests", "supabase_admin");

            var leave = () => Database.ApplyAsync(SqlFiles.Leaving);

            (await leave.Should().ThrowAsync<PostgresException>()).Which.MessageText
                .Should().Contain("changed nothing").And.Contain("app_clerk_of_tests");
            (await Database.QueryAsync("select contracted from session_recovery.settings")).Should().Equal("True");
            await Database.ExecuteAsync("create role app_clerk_of_tests");
            await Database.ApplyAsync(SqlFiles.Leaving);
            (await Database.QueryAsync("select polname from pg_policy where polrelid = 'user_credits'::regclass and not polpermissive"))
                .Should().Equal("no clerks");
        }
        finally
        {
            await Database.ExecuteAsync("drop policy if exists \"no clerks\" on public.user_credits; " +
                "drop role if exists app_clerk_of_tests", "supabase_admin");
        }
    }

    [Test]
    public async Task Restored_policy_has_the_same_meaning_under_any_search_path()
    {
        await Database.ExecuteAsync(
            App +
            """
            create schema app;
            create function app.is_own(p_user uuid) returns boolean language sql stable return p_user = auth.uid();
            create function public.is_own(p_user uuid) returns boolean language sql stable return true;
            create policy "own" on public.user_credits as restrictive for select to authenticated using (app.is_own(user_id));
            """);
        await Database.ApplyMigrationsAsync();

        await Database.ExecuteAsync("set search_path = app, public;" + await File.ReadAllTextAsync(SqlFiles.Contract));
        await Database.ApplyAsync(SqlFiles.Leaving);

        (await Database.QueryAsync("set search_path = ''; select pg_get_expr(polqual, polrelid) from pg_catalog.pg_policy " +
            "where polname = 'own'"))
            .Should().Equal("app.is_own(user_id)");
    }

    [Test]
    public async Task Grants_on_dropped_columns_are_skipped_and_others_are_restored()
    {
        await Database.ExecuteAsync(App);
        await Database.ApplyMigrationsAsync();
        await Database.ExecuteAsync("grant select (credits, version) on public.user_credits to anon");
        await Database.ApplyAsync(SqlFiles.Contract);

        await Database.ApplyAsync(SqlFiles.Leaving);

        (await Database.QueryAsync("select has_column_privilege('anon', 'public.user_credits', 'credits', 'SELECT')"))
            .Should().Equal("True");
    }

    [Test]
    public async Task Policy_on_a_ledger_column_stops_leaving_before_any_change()
    {
        await Database.ExecuteAsync(App);
        await Database.ApplyMigrationsAsync();
        await Database.ExecuteAsync("""create policy "nothing held" on public.user_credits for delete to authenticated using (held = 0)""");
        await Database.ApplyAsync(SqlFiles.Contract);

        var leave = () => Database.ApplyAsync(SqlFiles.Leaving);

        var failure = (await leave.Should().ThrowAsync<PostgresException>()).Which;
        failure.MessageText.Should().Contain("changed nothing").And.Contain("held");
        failure.Hint.Should().Contain("host_rights");
        (await Database.QueryAsync("select contracted from session_recovery.settings")).Should().Equal("True");

        await Database.ExecuteAsync("update session_recovery.settings set host_rights = array(select line " +
            "from unnest(host_rights) as line where line not like '%nothing held%')");
        await Database.ApplyAsync(SqlFiles.Leaving);
        (await Database.QueryAsync("select polname from pg_policy where polrelid = 'user_credits'::regclass")).Should().Equal("read own");
    }
}
