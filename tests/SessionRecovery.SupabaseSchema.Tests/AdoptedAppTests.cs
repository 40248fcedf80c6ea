using System.Globalization;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// An app with a table and SQL of its own, which runs all the time while the host goes to *expand*, to *contract* and back. What the app
/// was told happened is in the balances at the end, whichever SQL did it.
/// </summary>
[TestFixture]
internal sealed class AdoptedAppTests : LedgerFixture
{
    private const string App =
        """
        create table public.user_credits (user_id uuid primary key, credits integer not null default 0);
        alter table public.user_credits enable row level security;
        create policy "read own" on public.user_credits for select using (auth.uid() = user_id);
        create function public.deduct_credits(p_user uuid, p_amount integer) returns table (left_over integer)
        language plpgsql security definer set search_path = public as $$
        begin
            return query update user_credits set credits = credits - p_amount where user_id = p_user and credits >= p_amount returning credits;
        end
        $$;
        """;

    private static readonly Guid[] Users = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];

    private readonly long[] _sums = new long[Users.Length];

    protected override string Template => Server.Platform;

    [Test]
    public async Task Nothing_is_lost_on_the_way_there_and_back()
    {
        await Database.ExecuteAsync(App + string.Concat(Users.Select(user => $"insert into public.user_credits values ('{user}', 1000);")));
        Array.Fill(_sums, 1000);
        using var stop = new CancellationTokenSource();
        var deductions = Run("select left_over from public.deduct_credits('{0}', 1)", -1, stop.Token);
        var webhook = Run("update public.user_credits set credits = credits + 3 where user_id = '{0}' returning credits", 3, stop.Token);

        await Steps(deductions, 40);
        await Database.ApplyMigrationsAsync();
        await Steps(deductions, 40);
        (await Database.AuditAsync()).Should().BeEmpty();
        await Spend("expanded");
        (await Database.AuditAsync()).Should().BeEmpty();
        await Steps(deductions, 40);

        await Database.ApplyAsync(SqlFiles.Contract);
        await Steps(deductions, 40);
        await Spend("contracted");
        (await Database.AuditAsync()).Should().BeEmpty();
        (await Database.QueryAsync("select (select sum(credits) from user_credits) - (select sum(amount) from credit_ledger)")).Should().Equal("0");
        deductions.Refused.Should().BePositive("only our functions write");

        await Database.ApplyAsync(SqlFiles.Leaving);
        var refused = deductions.Refused;
        await Steps(deductions, 40);
        await stop.CancelAsync();
        await Task.WhenAll(deductions.Work, webhook.Work);

        deductions.Refused.Should().BeLessThanOrEqualTo(refused + 1, "the app's own SQL works again");
        foreach (var run in new[] { deductions, webhook })
        {
            for (var index = 0; index < Users.Length; index++)
            {
                _sums[index] += run.Sums[index];
            }
        }

        for (var index = 0; index < Users.Length; index++)
        {
            (await Database.QueryAsync($"select credits from user_credits where user_id = '{Users[index]}'")).Should().Equal(_sums[index].ToString(CultureInfo.InvariantCulture));
        }

        (await Database.QueryAsync("select attname from pg_attribute where attrelid = 'user_credits'::regclass and attnum > 0 and not attisdropped order by attnum")).Should().Equal("user_id", "credits");
    }

    [Test]
    public async Task Grants_and_policies_come_back_as_they_were()
    {
        await Database.ExecuteAsync(
            App +
            """
            create policy "write, own" on public.user_credits as restrictive for update to authenticated using (auth.uid() = user_id) with check (credits < 5000);
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
            (await Database.QueryAsync("select has_column_privilege('app_worker_of_tests', 'public.user_credits', 'credits', 'UPDATE')")).Should().Equal("False");
            await Database.ApplyAsync(SqlFiles.Leaving);

            Sorted(await Catalog.ReadAsync(Database)).Should().Equal(Sorted(before));
        }
        finally
        {
            await Database.ExecuteAsync("drop owned by app_worker_of_tests; drop role app_worker_of_tests", "supabase_admin");
        }

        // The order in which grants were made is no difference.
        static IEnumerable<string> Sorted(string catalog) => catalog.Split('\n').Select(line => string.Concat(line.Order()));
    }

    [Test]
    public async Task A_right_that_was_passed_on_goes_and_comes_back_and_one_of_a_role_that_is_gone_stays_out()
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
                "drop owned by app_lead_of_tests, app_hand_of_tests cascade; drop role if exists app_lead_of_tests, app_hand_of_tests, app_gone_of_tests",
                "supabase_admin");
        }

        Task<IReadOnlyList<string>> Rights() => Database.QueryAsync(
            """
            select format('%s and %s', has_table_privilege('app_lead_of_tests', 'public.user_credits', 'SELECT WITH GRANT OPTION'),
                has_table_privilege('app_hand_of_tests', 'public.user_credits', 'SELECT'))
            """);
    }

    [Test]
    public async Task A_policy_of_a_role_that_is_gone_stops_the_way_back_before_anything_is_changed()
    {
        await Database.ExecuteAsync(
            App +
            """
            create role app_clerk_of_tests;
            create policy "no clerks" on public.user_credits as restrictive for select to authenticated, app_clerk_of_tests using (auth.uid() = user_id);
            """);
        try
        {
            await Database.ApplyMigrationsAsync();
            await Database.ApplyAsync(SqlFiles.Contract);
            await Database.ExecuteAsync("drop role app_clerk_of_tests", "supabase_admin");

            var leave = () => Database.ApplyAsync(SqlFiles.Leaving);

            (await leave.Should().ThrowAsync<PostgresException>()).Which.MessageText.Should().Contain("changed nothing").And.Contain("app_clerk_of_tests");
            (await Database.QueryAsync("select contracted from session_recovery.settings")).Should().Equal("True");
            await Database.ExecuteAsync("create role app_clerk_of_tests");
            await Database.ApplyAsync(SqlFiles.Leaving);
            (await Database.QueryAsync("select polname from pg_policy where polrelid = 'user_credits'::regclass and not polpermissive")).Should().Equal("no clerks");
        }
        finally
        {
            await Database.ExecuteAsync("drop policy if exists \"no clerks\" on public.user_credits; drop role if exists app_clerk_of_tests", "supabase_admin");
        }
    }

    private static async Task Steps(AppRun run, int count)
    {
        var goal = run.Calls + count;
        while (run.Calls < goal)
        {
            run.Work.IsCompleted.Should().BeFalse("the app runs all the time");
            await run.NextCall();
        }
    }

    private async Task Spend(string step)
    {
        for (var index = 0; index < Users.Length; index++)
        {
            (await Consume(Users[index], 5, step)).Outcome.Should().Be("ok");
            var hold = await Reserve(Users[index], 7, step + " hold");
            (await Capture(Users[index], hold)).Outcome.Should().Be("captured");
            _sums[index] -= 12;
        }
    }

    private AppRun Run(string sql, long delta, CancellationToken stop)
    {
        var run = new AppRun(Users.Length);
        run.Work = Task.Run(
            async () =>
            {
                for (var call = 0; !stop.IsCancellationRequested; call++)
                {
                    var index = call % Users.Length;
                    try
                    {
                        var rows = await Database.QueryAsync(string.Format(CultureInfo.InvariantCulture, sql, Users[index]));
                        run.Sums[index] += rows.Count * delta;
                    }
                    catch (PostgresException exception) when (exception.SqlState == "42501")
                    {
                        run.Refuse();
                    }

                    run.Tick();
                }
            },
            CancellationToken.None);
        return run;
    }

    /// <summary>SQL of the app that is repeated until the end, and what it was told happened.</summary>
    private sealed class AppRun(int users)
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;
        private int _refused;

        public long[] Sums { get; } = new long[users];

        public Task Work { get; set; } = Task.CompletedTask;

        public int Calls => Volatile.Read(ref _calls);

        public int Refused => Volatile.Read(ref _refused);

        public Task<Task> NextCall() => Task.WhenAny(Volatile.Read(ref _next).Task, Work);

        public void Refuse() => Interlocked.Increment(ref _refused);

        public void Tick()
        {
            Interlocked.Increment(ref _calls);
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}
