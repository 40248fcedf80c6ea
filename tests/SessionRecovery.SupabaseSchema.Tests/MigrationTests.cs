using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the migrations on an empty database, where the role of the hosted platform applies them.</summary>
[TestFixture]
internal sealed class MigrationTests : LedgerFixture
{
    protected override string Template => Server.Platform;

    [Test]
    public void File_names_fit_the_command_line_tool() =>
        SqlFiles.Migrations.Append(SqlFiles.Contract).Append(SqlFiles.NewUsers).Append(SqlFiles.Leaving)
            .Select(Path.GetFileName)
            .Should().OnlyContain(name => System.Text.RegularExpressions.Regex.IsMatch(name!, "^[0-9]{14}_session_recovery_[a-z_]+[.]sql$"))
            .And.OnlyHaveUniqueItems();

    [Test]
    public async Task Applying_role_is_no_superuser_and_does_not_own_auth()
    {
        (await Database.QueryAsync($"select concat_ws(' ', rolsuper, rolcreaterole) from pg_roles where rolname = '{SqlFiles.Role}'"))
            .Should().Equal("f t");
        (await Database.QueryAsync("select nspowner::regrole::text from pg_namespace where nspname = 'auth'"))
            .Should().Equal("supabase_auth_admin");
        await Database.ApplyMigrationsAsync();
    }

    [Test]
    public async Task Each_migration_leaves_no_private_function_open()
    {
        foreach (var path in SqlFiles.Migrations)
        {
            await Database.ApplyAsync(path);

            (await Database.QueryAsync(
                """
                select p.oid::regprocedure::text from pg_proc p
                where p.pronamespace = 'session_recovery'::regnamespace
                  and (has_function_privilege('anon', p.oid, 'EXECUTE') or p.proowner <> 'session_recovery_owner'::regrole
                      or has_function_privilege('authenticated', p.oid, 'EXECUTE')
                          and has_function_privilege('service_role', p.oid, 'EXECUTE'))
                """)).Should().BeEmpty(path);
        }
    }

    [Test]
    public async Task Repeated_migrations_leave_the_same_catalog_and_rows()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Initialize(Ada);
        var before = await Catalog.ReadAsync(Database);
        before.Should().Contain("function session_recovery_owner").And.Contain("policy user_credits");

        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Database.ApplyAsync(SqlFiles.Contract);

        // On a table that the migrations created, the contract migration changes nothing.
        (await Catalog.ReadAsync(Database)).Should().Be(before);
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task Leaving_keeps_the_balances_of_a_created_table_only()
    {
        var before = await Catalog.ReadAsync(Database);
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);
        await Initialize(Ada);
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
    public async Task Database_owner_cannot_write_balances_or_ledger_directly()
    {
        await Database.ApplyMigrationsAsync();
        await Initialize(Ada);

        await ShouldFail(() => Database.QueryAsync("update user_credits set credits = 1000 where true"), "42501");
        await ShouldFail(() => Database.QueryAsync($"insert into user_credits (user_id, credits) values ('{Bob}', 5)"), "42501");
        await ShouldFail(() => Database.QueryAsync("truncate user_credits"), "42501");
        foreach (var tampering in new[] { "update credit_ledger set amount = 1 " +
            "where true", "delete from credit_ledger where true", "truncate credit_ledger" })
        {
            var verb = tampering.Split(' ')[0].ToUpperInvariant();
            (await ShouldFail(() => Database.QueryAsync(tampering), "42501")).MessageText
                .Should().Be($"credit_ledger is append-only: {verb} is not allowed.");
        }

        await Database.ExecuteAsync("delete from user_credits where true");
        (await Database.QueryAsync("select concat_ws(' ', version, kind, amount, reason) from credit_ledger order by version"))
            .Should().Equal("1 init 100", "2 adjust -100 row deleted");
        (await Initialize(Ada)).Should().Match<FunctionResult>(
            again => again.Created && again.Available == 0 && again.Version == 3,
            "a user gets the initial amount only once");
    }

    [Test]
    public async Task Deleting_a_user_keeps_the_rows()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ExecuteAsync($"insert into auth.users (id) values ('{Ada}')", "supabase_auth_admin");
        await Initialize(Ada);
        await Reserve(Ada, 10, "h");

        await Database.ExecuteAsync($"delete from auth.users where id = '{Ada}'", "supabase_auth_admin");

        (await Database.QueryAsync("select count(*) from credit_ledger")).Should().Equal("2");
    }

    [Test]
    public async Task Sign_up_initializes_the_account_and_succeeds_without_it()
    {
        await Database.ApplyMigrationsAsync();
        await Database.ApplyAsync(SqlFiles.NewUsers);

        await SignUp(Ada);
        await ShouldHave(Ada, 100, version: 1);

        await Database.ExecuteAsync("alter table public.usage_logs rename to gone");
        await SignUp(Bob);
        (await Balance(Bob)).Outcome.Should().Be("not_initialized");
        await Database.ExecuteAsync("alter table public.gone rename to usage_logs");
        (await Initialize(Bob)).Created.Should().BeTrue();

        Task SignUp(Guid user) =>
            Database.ExecuteAsync($"insert into auth.users (id, email) values ('{user}', '{user}@example.com')", "supabase_auth_admin");
    }
}
