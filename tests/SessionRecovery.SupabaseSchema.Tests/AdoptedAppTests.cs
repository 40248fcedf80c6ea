using System.Globalization;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// Tests that an application's own SQL can write to its table while the ledger is adopted (expand), locked (contract) and removed
/// (leaving). The final balances must include every acknowledged change.
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
            return query update user_credits set credits = credits - p_amount
                where user_id = p_user and credits >= p_amount returning credits;
        end
        $$;
        """;

    private static readonly Guid[] Users = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];

    private readonly long[] _sums = new long[Users.Length];

    protected override string Template => Server.Platform;

    [Test]
    public async Task Balances_survive_expand_contract_and_leaving()
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
        (await Database.QueryAsync("select (select sum(credits) from user_credits) - (select sum(amount) from credit_ledger)"))
            .Should().Equal("0");
        deductions.Rejected.Should().BePositive("after contract only the ledger's functions may write");

        await Database.ApplyAsync(SqlFiles.Leaving);
        var rejected = deductions.Rejected;
        await Steps(deductions, 40);
        await stop.CancelAsync();
        await Task.WhenAll(deductions.Work, webhook.Work);

        deductions.Rejected.Should().BeLessThanOrEqualTo(rejected + 1, "the app's own SQL works again");
        foreach (var run in new[] { deductions, webhook })
        {
            for (var index = 0; index < Users.Length; index++)
            {
                _sums[index] += run.Sums[index];
            }
        }

        for (var index = 0; index < Users.Length; index++)
        {
            (await Database.QueryAsync($"select credits from user_credits where user_id = '{Users[index]}'"))
                .Should().Equal(_sums[index].ToString(CultureInfo.InvariantCulture));
        }

        (await Database.QueryAsync("select attname from pg_attribute where attrelid = 'user_credits'::regclass and attnum > 0 " +
            "and not attisdropped order by attnum")).Should().Equal("user_id", "credits");
    }

    private static async Task Steps(AppRun run, int count)
    {
        var goal = run.Calls + count;
        while (run.Calls < goal)
        {
            run.Work.IsCompleted.Should().BeFalse("the application's SQL repeats until it is stopped");
            await run.NextCall();
        }
    }

    private async Task Spend(string step)
    {
        for (var index = 0; index < Users.Length; index++)
        {
            (await Consume(Users[index], 5, step)).Outcome.Should().Be("ok");
            var reservation = await Reserve(Users[index], 7, step + " hold");
            (await Capture(Users[index], reservation)).Outcome.Should().Be("captured");
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

    /// <summary>Repeats SQL of the application until the end of the test, and adds up its acknowledged changes.</summary>
    private sealed class AppRun(int users)
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;
        private int _refused;

        public long[] Sums { get; } = new long[users];

        public Task Work { get; set; } = Task.CompletedTask;

        public int Calls => Volatile.Read(ref _calls);

        public int Rejected => Volatile.Read(ref _refused);

        public Task<Task> NextCall() => Task.WhenAny(Volatile.Read(ref _next).Task, Work);

        public void Refuse() => Interlocked.Increment(ref _refused);

        public void Tick()
        {
            Interlocked.Increment(ref _calls);
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}
