using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>The migrations on an empty database, as the hosted platform's role applies them.</summary>
[TestFixture]
internal sealed class MigrationTests : LedgerFixture
{
    protected override string Template => Server.Platform;

    [Test]
    public void Their_names_are_those_that_the_command_line_tool_wants() =>
        SqlFiles.Migrations.Append(SqlFiles.Contract).Append(SqlFiles.NewUsers).Append(SqlFiles.Leaving)
            .Select(Path.GetFileName).Should().OnlyContain(name => System.Text.RegularExpressions.Regex.IsMatch(name!, "^[0-9]{14}_session_recovery_[a-z_]+[.]sql$"))
            .And.OnlyHaveUniqueItems();

    [Test]
    public async Task The_role_that_applies_them_is_no_superuser_and_does_not_own_auth()
    {
        (await Database.QueryAsync($"select concat_ws(' ', rolsuper, rolcreaterole) from pg_roles where rolname = '{SqlFiles.Role}'")).Should().Equal("f t");
        (await Database.QueryAsync("select nspowner::regrole::text from pg_namespace where nspname = 'auth'")).Should().Equal("supabase_auth_admin");
        await Database.ApplyMigrationsAsync();
    }

    [Test]
    public async Task Applied_twice_they_leave_the_same_catalog_and_the_same_rows()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Initialise(Ada);
        var before = await Catalog.ReadAsync(Database);
        before.Should().Contain("function session_recovery_owner").And.Contain("policy user_credits");

        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Database.ApplyAsync(SqlFiles.Contract);

        // A contract on a table of our own changes nothing: it was never open.
        (await Catalog.ReadAsync(Database)).Should().Be(before);
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task The_way_back_from_a_table_of_ours_leaves_the_numbers_and_nothing_else()
    {
        var before = await Catalog.ReadAsync(Database);
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Initialise(Ada);
        await Consume(Ada, 30, "k");
        await Reserve(Ada, 50, "h");

        await Database.ApplyAsync(SqlFiles.Leaving);
        await Database.ApplyAsync(SqlFiles.Leaving);

        (await Database.QueryAsync("select user_credits::text from user_credits")).Should().Equal($"({Ada},70)");
        (await Database.QueryAsync(Caller.User(Ada), "select credits from user_credits")).Should().Equal("70");
        await Database.ExecuteAsync("update user_credits set credits = 71 where true; drop table user_credits");
        (await Catalog.ReadAsync(Database)).Should().Be(before);
    }

    [Test]
    public async Task A_balance_of_ours_is_not_written_past_the_functions_not_even_by_the_databases_owner()
    {
        await Database.ApplyMigrationsAsync();
        await Initialise(Ada);

        await ShouldFail(() => Database.QueryAsync("update user_credits set credits = 1000 where true"), "42501");
        await ShouldFail(() => Database.QueryAsync($"insert into user_credits (user_id, credits) values ('{Bob}', 5)"), "42501");
        await ShouldFail(() => Database.QueryAsync("truncate user_credits"), "42501");
        foreach (var tampering in new[] { "update credit_ledger set amount = 1 where true", "delete from credit_ledger where true", "truncate credit_ledger" })
        {
            (await ShouldFail(() => Database.QueryAsync(tampering), "42501")).MessageText.Should().Be("credit_ledger is append-only.");
        }

        await Database.ExecuteAsync("delete from user_credits where true");
        (await Database.QueryAsync("select concat_ws(' ', version, kind, amount, reason) from credit_ledger order by version")).Should().Equal("1 init 100", "2 adjust -100 row deleted");
        (await Initialise(Ada)).Should().Match<Answer>(again => again.Created && again.Available == 0 && again.Version == 3, "the initial amount is given once");
    }

    [Test]
    public async Task Deleting_a_user_succeeds_and_the_rows_stay()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ExecuteAsync($"insert into auth.users (id) values ('{Ada}')", "supabase_auth_admin");
        await Initialise(Ada);
        await Reserve(Ada, 10, "h");

        await Database.ExecuteAsync($"delete from auth.users where id = '{Ada}'", "supabase_auth_admin");

        (await Database.QueryAsync("select count(*) from credit_ledger")).Should().Equal("2");
    }

    [Test]
    public async Task New_users_get_their_account_with_the_sign_up_and_a_failure_of_it_stops_no_sign_up()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);

        await SignUp(Ada);
        await ShouldHave(Ada, 100, version: 1);

        await Database.ExecuteAsync("alter table public.usage_logs rename to gone");
        await SignUp(Bob);
        (await Balance(Bob)).Outcome.Should().Be("not_initialized");
        await Database.ExecuteAsync("alter table public.gone rename to usage_logs");
        (await Initialise(Bob)).Created.Should().BeTrue();

        Task SignUp(Guid user) => Database.ExecuteAsync($"insert into auth.users (id, email) values ('{user}', '{user}@example.com')", "supabase_auth_admin");
    }
}
