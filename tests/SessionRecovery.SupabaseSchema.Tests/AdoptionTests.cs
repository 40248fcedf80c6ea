using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests that the migrations adopt an existing table user_credits, or stop and change nothing.</summary>
[TestFixture]
internal sealed class AdoptionTests : LedgerFixture
{
    private const string Users =
        """
        insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b');
        """;

    private const string Rows = "insert into public.user_credits (user_id, credits) " +
        "values ('00000000-0000-4000-8000-00000000000a', 50), ('00000000-0000-4000-8000-00000000000b', 0);";

    protected override string Template => Server.Platform;

    [TestCase("create table public.user_credits (user_id uuid primary key, credits integer not null default 10)")]
    [TestCase("create table public.user_credits (user_id uuid primary key, credits smallint)")]
    [TestCase("create table public.user_credits (user_id uuid primary key, credits bigint not null, plan text not null default 'free')")]
    [TestCase("create table public.user_credits (user_id uuid primary key, credits numeric(12, 2) not null)")]
    [TestCase("create table public.user_credits (id bigserial primary key, user_id uuid, credits numeric)")]
    [TestCase("create table public.user_credits (id uuid primary key default gen_random_uuid(), user_id uuid not null unique " +
        "references auth.users (id) on delete cascade, credits integer, updated_at timestamp default now())")]
    [TestCase("create table public.user_credits (user_id uuid primary key, credits integer); " +
        "create table public.usage_logs (id bigserial, user_id uuid, what text)")]
    [TestCase("create table public.user_credits (user_id uuid primary key, credits integer); create table public.usage_logs (id " +
        "bigserial, user_id uuid, created_at timestamptz); create index usage_logs_created_at on public.usage_logs (created_at)")]
    public async Task Suitable_table_is_adopted_with_its_balances(string table)
    {
        await Database.ExecuteAsync(Users + table + ";" + Rows);
        var type = await Type();
        var logs = await Database.QueryAsync("select attname from pg_attribute where attrelid = to_regclass('public.usage_logs') " +
            "and attnum > 0 order by attnum");

        await Database.ApplyMigrationsAsync();
        await Database.ApplyMigrationsAsync();

        await ShouldHave(Ada, 50, version: 1);
        await ShouldHave(Bob, 0, version: 1);
        (await Type()).Should().Equal(type);
        (await Database.QueryAsync("select concat_ws(' ', kind, amount, reason) from credit_ledger order by amount"))
            .Should().Equal("init 0 adopted", "init 50 adopted");
        var newcomer = Guid.NewGuid();
        await Database.ExecuteAsync($"insert into auth.users (id) values ('{newcomer}')");
        (await Initialize(newcomer)).Outcome.Should().Be("not_initialized", "the owner must set the initial amount first");
        (await Consume(Ada, 20, "k")).Outcome.Should().Be("ok");
        var reservation = await Reserve(Ada, 10, "h");
        (await Capture(Ada, reservation)).Outcome.Should().Be("captured");
        (await Database.QueryAsync($"select trunc(credits) from user_credits where user_id = '{Ada}'")).Should().Equal("20");
        (await Call("active_user_snapshot")).Json.GetProperty("users").GetArrayLength()
            .Should().Be(1, "an adoption does not count as activity");
        if (logs.Count > 0)
        {
            (await Database.QueryAsync("select attname from pg_attribute where attrelid = 'public.usage_logs'::regclass and attnum > 0 " +
                "order by attnum")).Should().Equal(logs);
            (await Database.QueryAsync("select count(*) from public.usage_logs")).Should().Equal("0");
        }

        await Database.ExecuteAsync("select session_recovery.set_initial_amount(25)");
        (await Initialize(newcomer)).Available.Should().Be(25);
    }

    [TestCase("create table public.user_credits (user_id text primary key, credits integer)", "*user_id must be uuid and is text*")]
    [TestCase("create table public.user_credits (owner uuid primary key, credits integer)", "*user_id must be uuid and is missing*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits real)",
        "*credits must be integer or numeric and is real*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits text)",
        "*credits must be integer or numeric and is text*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, balance integer)",
        "*credits must be integer or numeric and is missing*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits integer, version text)",
        "*already has columns with these names: version*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits integer, updated_at date)",
        "*updated_at must be a timestamp and is date*")]
    [TestCase("create view public.user_credits as select gen_random_uuid() as user_id, 1 as credits", "*not an ordinary table*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits integer); insert into public.user_credits " +
        "values (gen_random_uuid(), null)",
        "*rows that cannot be adopted*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits integer); insert into public.user_credits " +
        "values (gen_random_uuid(), -1)",
        "*rows that cannot be adopted*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits numeric); insert into public.user_credits " +
        "values (gen_random_uuid(), 1.5)",
        "*rows that cannot be adopted*")]
    [TestCase(
        "create table public.user_credits (user_id uuid primary key, credits numeric); insert into public.user_credits " +
        "values (gen_random_uuid(), 9007199254740992)",
        "*rows that cannot be adopted*")]
    [TestCase(
        "create table public.user_credits (user_id uuid, credits integer); insert into public.user_credits " +
        "select '00000000-0000-4000-8000-00000000000a', 1 from generate_series(1, 2)",
        "*rows that cannot be adopted*")]
    [TestCase(
        "create table public.user_credits (user_id uuid, credits integer); insert into public.user_credits values (null, 1)",
        "*rows that cannot be adopted*")]
    [TestCase("create table public.credit_ledger (id integer)", "*already exist: public.credit_ledger.*")]
    [TestCase(
        "create function public.consume_credits(p_amount integer) returns void language sql as ''",
        "*already exist in schema public: consume_credits.*")]
    public async Task Unsuitable_table_stops_the_migration_with_a_message(string table, string message)
    {
        await Database.ExecuteAsync(table);
        var before = await Catalog.ReadAsync(Database);

        var failure = await ShouldFail(Database.ApplyMigrationsAsync, "P0001");

        failure.MessageText.Should().StartWith("SessionRecovery changed nothing: ").And.Match(message);
        (await Catalog.ReadAsync(Database)).Should().Be(before);
        await Database.ExecuteAsync("drop table if exists public.credit_ledger; drop function if exists public.consume_credits");
    }

    [Test]
    public async Task Names_of_all_public_functions_are_checked()
    {
        var script = await File.ReadAllTextAsync(SqlFiles.Migrations[0]);
        await Database.ApplyMigrationsAsync();

        var functions = await Database.QueryAsync(
            "select distinct proname from pg_proc "
            + "where pronamespace = 'public'::regnamespace and proowner = 'session_recovery_owner'::regrole");

        functions.Should().NotBeEmpty().And.OnlyContain(name => script.Contains($"'{name}'"));
    }

    [TestCase("integer", 2147483647)]
    [TestCase("smallint", 32767)]
    [TestCase("numeric(8,2)", 999999)]
    public async Task Grants_respect_the_size_of_an_adopted_column(string type, long max)
    {
        await Database.ExecuteAsync(
            $"create table public.user_credits (user_id uuid primary key, credits {type} not null); "
            + $"insert into public.user_credits values ('{Ada}', 5)");
        await Database.ApplyMigrationsAsync();

        (await Grant(Ada, max - 4, "too much")).Outcome.Should().Be("exceeds_limit");
        (await Grant(Guid.NewGuid(), max + 1, "too much")).Outcome.Should().Be("exceeds_limit");
        (await Grant(Ada, max - 5, "all")).Outcome.Should().Be("ok");
        (await Database.QueryAsync($"select credits::bigint from public.user_credits where user_id = '{Ada}'")).Should().Equal($"{max}");
    }

    [Test]
    public async Task Grant_names_the_columns_that_a_new_account_cannot_fill()
    {
        await Database.ExecuteAsync(
            "create table public.user_credits (user_id uuid primary key, credits integer not null, plan text not null)");
        await Database.ApplyMigrationsAsync();

        var failure = await ShouldFail(() => Grant(Ada, 5, "k"), "22023");

        failure.MessageText.Should().Contain("plan");
    }

    [Test]
    public async Task Row_that_became_invalid_stops_the_adoption_without_changes()
    {
        await Database.ExecuteAsync("create table public.user_credits (user_id uuid primary key, credits integer)");
        foreach (var path in SqlFiles.Migrations.TakeWhile(static path => path != SqlFiles.Adoption))
        {
            await Database.ApplyAsync(path);
        }

        await Database.ExecuteAsync("insert into public.user_credits values (gen_random_uuid(), -5)");
        var before = await Catalog.ReadAsync(Database);

        await ShouldFail(() => Database.ApplyAsync(SqlFiles.Adoption), "P0001");

        (await Catalog.ReadAsync(Database)).Should().Be(before);
        await Database.ExecuteAsync("update public.user_credits set credits = 5 where true");
        await Database.ApplyAsync(SqlFiles.Adoption);
    }

    [Test]
    public async Task Host_policies_stay_and_user_write_paths_are_reported()
    {
        await Database.ExecuteAsync(
            """
            create table public.user_credits (user_id uuid primary key, credits integer not null);
            alter table public.user_credits enable row level security;
            create policy "read own" on public.user_credits for select using (auth.uid() = user_id);
            create policy "write own" on public.user_credits for update to authenticated using (auth.uid() = user_id);
            """ + Rows);
        await Database.ApplyMigrationsAsync();

        (await Call("session_recovery_schema")).Json.GetProperty("user_write_paths").EnumerateArray().Select(path => path.GetString())
            .Should().Equal("authenticated may update on public.user_credits (policy \"write own\")");
        await Database.QueryAsync(Caller.User(Ada), "update public.user_credits set credits = 60, held = 1000, version = 77 where true");
        await ShouldHave(Ada, 60, version: 2);
        (await Database.QueryAsync($"select concat_ws(' ', kind, amount, actor) from credit_ledger where user_id = '{Ada}' " +
            "order by version")).Should().Equal("init 50 postgres", "adjust 10 authenticated");
    }

    [Test]
    public async Task Column_grant_that_lets_users_write_is_reported()
    {
        await Database.ExecuteAsync(
            """
            create table public.user_credits (user_id uuid primary key, credits integer not null);
            alter table public.user_credits enable row level security;
            revoke all on public.user_credits from public, anon, authenticated;
            grant select, update (credits) on public.user_credits to authenticated;
            create policy "write own" on public.user_credits for update to authenticated using (auth.uid() = user_id);
            """ + Rows);
        await Database.ApplyMigrationsAsync();

        (await Call("session_recovery_schema")).Json.GetProperty("user_write_paths").EnumerateArray().Select(path => path.GetString())
            .Should().Equal("authenticated may update on public.user_credits (policy \"write own\")");
    }

    [Test]
    public async Task Restrictive_policy_for_every_role_stops_the_migration()
    {
        await Database.ExecuteAsync(
            """
            create table public.user_credits (user_id uuid primary key, credits integer not null);
            alter table public.user_credits enable row level security;
            create policy "only own" on public.user_credits as restrictive using (auth.uid() = user_id);
            """ + Rows);
        var before = await Catalog.ReadAsync(Database);

        await ShouldFail(() => Database.ApplyAsync(SqlFiles.Migrations[0]), "P0001");

        (await Catalog.ReadAsync(Database)).Should().Be(before);
        await Database.ExecuteAsync("alter policy \"only own\" on public.user_credits to authenticated");
        await Database.ApplyMigrationsAsync();
        await ShouldHave(Ada, 50, version: 1);
    }

    [Test]
    public async Task External_change_below_held_releases_the_newest_reservations()
    {
        await Adopt();
        var old = await Reserve(Ada, 20, "old");
        var young = await Reserve(Ada, 20, "young");

        await Database.ExecuteAsync($"update public.user_credits set credits = credits - 25 where user_id = '{Ada}'");

        await ShouldHave(Ada, 5, held: 20, version: 5);
        (await Capture(Ada, young)).Outcome.Should().Be("already_closed");
        (await Capture(Ada, old)).Outcome.Should().Be("captured");
        await ShouldHave(Ada, 5, version: 6);
    }

    [Test]
    public async Task External_change_follows_the_expiry_of_a_due_reservation()
    {
        await Adopt();
        await Advance(TimeSpan.Zero);
        await Reserve(Ada, 20, "h");
        await Advance(TimeSpan.FromSeconds(10));
        (await Balance(Ada)).Version.Should().Be(3);

        await Database.ExecuteAsync($"update public.user_credits set credits = 0 where user_id = '{Ada}'");

        await ShouldHave(Ada, 0, version: 4);
        (await Database.QueryAsync($"select kind from credit_ledger where user_id = '{Ada}' order by version"))
            .Should().Equal("init", "hold", "expire", "adjust");
    }

    [Test]
    public async Task Reinserted_row_continues_its_versions()
    {
        await Adopt();
        await Reserve(Ada, 20, "h");

        await Database.ExecuteAsync($"delete from public.user_credits where user_id = '{Ada}'");
        (await Database.AuditAsync()).Should().BeEmpty();
        await Database.ExecuteAsync($"insert into public.user_credits (user_id, credits) values ('{Ada}', 7)");
        await Database.ExecuteAsync($"insert into public.user_credits (user_id, credits) values ('{Ada}', 1) " +
            "on conflict (user_id) do update set credits = user_credits.credits + excluded.credits");
        await Database.ExecuteAsync($"insert into public.user_credits (user_id, credits) values ('{Ada}', 1) on conflict do nothing");

        await ShouldHave(Ada, 8, version: 6);
        (await Database.QueryAsync($"select concat_ws(' ', version, kind, amount, held_delta) from credit_ledger where user_id = '{Ada}' " +
            "order by version"))
            .Should().Equal("1 init 50 0", "2 hold 0 20", "3 release 0 -20", "4 adjust -50 0", "5 adjust 7 0", "6 adjust 1 0");
        await Database.ExecuteAsync("truncate public.user_credits");
        (await Database.AuditAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Deleting_a_user_keeps_the_ledger_before_and_after_contract()
    {
        await Database.ExecuteAsync(Users + "create table public.user_credits (user_id uuid primary key " +
            "references auth.users (id) on delete cascade, credits integer not null);" + Rows);
        await Database.ApplyMigrationsAsync();

        await Database.ExecuteAsync($"delete from auth.users where id = '{Ada}'", "supabase_auth_admin");
        await Database.ApplyAsync(SqlFiles.Contract);
        await Database.ExecuteAsync($"delete from auth.users where id = '{Bob}'", "supabase_auth_admin");

        (await Database.QueryAsync("select count(*) from user_credits")).Should().Equal("0");
        (await Database.QueryAsync("select count(*) from credit_ledger")).Should().Equal("4");
    }

    [TestCase("null")]
    [TestCase("0.5")]
    [TestCase("9007199254740992")]
    public async Task External_change_must_keep_the_balance_whole(string credits)
    {
        await Adopt("numeric");

        await ShouldFail(() => Database.ExecuteAsync($"update public.user_credits set credits = {credits} " +
            $"where user_id = '{Ada}'"), "22023");

        await ShouldHave(Ada, 50, version: 1);
    }

    private async Task Adopt(string type = "integer")
    {
        await Database.ExecuteAsync($"create table public.user_credits (user_id uuid primary key, credits {type});" + Rows);
        await Database.ApplyMigrationsAsync();
    }

    private Task<IReadOnlyList<string>> Type() =>
        Database.QueryAsync("select format_type(atttypid, atttypmod) || relowner::regrole from pg_attribute join pg_class c on c.oid = " +
            "attrelid where attrelid = 'public.user_credits'::regclass and attname = 'credits'");
}
