using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Warming;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Tests a host that reads an application's own table with the application's policy and never writes to the table.</summary>
[TestFixture]
internal sealed class StepOneTests
{
    private const string Table =
        """
        create table public.user_credits (user_id uuid primary key references auth.users (id) on delete cascade, credits integer not null
            default 0);
        alter table public.user_credits enable row level security;
        create table public.usage_logs (id bigint generated always as identity primary key, user_id uuid not null, action text, created_at
            timestamptz not null default now());
        alter table public.usage_logs enable row level security;
        """;

    private const string Policy =
        """create policy "own row" on public.user_credits for select to authenticated using (user_id = (select auth.uid()));""";

    [Test]
    public async Task A_user_balance_read_updates_after_the_cache_duration()
    {
        await using var host = await StartAsync(Table + Policy);
        var ada = await host.SignUpAsync();
        (await ada.GetAsync("/auth/credits")).Body.GetProperty("status").GetString().Should().Be("missing");
        await SetAsync(host, ada, 42);

        (await ada.CreditsAsync(refresh: true)).Should().Be(42);
        await SetAsync(host, ada, 0);
        (await ada.CreditsAsync(refresh: true)).Should().Be(0);
        (await ada.HealthAsync()).Should().Be("healthy");
        (await host.StandIn.Control.ScalarAsync<long>("select count(*) from pg_class where relname = 'credit_ledger'")).Should().Be(0);
    }

    [Test]
    public async Task The_server_reads_only_for_the_verified_user_without_policies()
    {
        await using var host = await StartAsync(Table, static options => options.ReadAs = SupabaseReadAs.Server);
        var (ada, eve) = (await host.SignUpAsync(), await host.SignUpAsync("eve"));
        await SetAsync(host, ada, 42);

        (await ada.CreditsAsync(refresh: true)).Should().Be(42);
        (await eve.GetAsync("/auth/credits")).Body.GetProperty("status").GetString().Should().Be("missing");
    }

    [Test]
    public async Task The_warm_up_reads_the_apps_activity_in_two_calls()
    {
        await using var host = await StartAsync(Table + Policy);
        var (ada, eve) = (await host.SignUpAsync(), await host.SignUpAsync("eve"));
        await SetAsync(host, ada, 42);
        await SetAsync(host, eve, 7);
        await host.StandIn.Control.ExecuteAsync("insert into public.usage_logs (user_id, action) values ($1, 'a'), ($2, 'b'), ($1, 'c')",
            Guid.Parse(ada.Id), Guid.Parse(eve.Id));
        var warmer = host.Services.GetRequiredService<ICacheWarmer>();

        // The host warms up its cache in the background when it starts. The requests of the warm-up are not counted.
        SpinWait.SpinUntil(() => warmer.LastResult is not null, TimeSpan.FromSeconds(30)).Should().BeTrue();
        host.StandIn.Control.ResetRequests();

        var report = await warmer.WarmAsync();

        report.Should().BeEquivalentTo(new { Outcome = CacheWarmingOutcome.Completed, Users = 2 });
        host.StandIn.Control.Requests
            .Should().BeEquivalentTo(new Dictionary<string, int> { ["GET /rest/v1/usage_logs"] = 1, ["GET /rest/v1/user_credits"] = 1 });
    }

    private static Task<SupabaseHost> StartAsync(string sql, Action<SupabaseOptions>? configure = null) => SupabaseHost.StartAsync(
        steps: static _ => { },
        services: services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }
        },
        options: new StandInOptions { Migrations = false, SqlBeforeMigrations = [sql] });

    private static Task SetAsync(SupabaseHost host, SignedIn user, int credits) => host.StandIn.Control.ExecuteAsync(
        "insert into public.user_credits (user_id, credits) values ($1, $2) on conflict (user_id) do update set credits = excluded.credits",
            Guid.Parse(user.Id), credits);
}
