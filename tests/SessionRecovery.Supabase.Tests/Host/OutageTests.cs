using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Warming;
using SupabaseStandIn;
using SupabaseStandIn.Control;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Tests a complete host during failures of Supabase. Only a final rejection may make a session unhealthy.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OutageTests
{
    [Test]
    public async Task A_new_user_gets_an_account_once_and_is_healthy()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();

        var seen = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ada.CreditsAsync()));

        seen.Should().OnlyContain(credits => credits == 100);
        (await ada.HealthAsync()).Should().Be("healthy");
        (await host.StandIn.Control.ScalarAsync<long>("select count(*) from credit_ledger")).Should().Be(1);
        (await host.AuditAsync()).Should().BeEmpty();
    }

    private static IEnumerable<Fault> RestFaults()
    {
        yield return new Fault(FaultKind.Down) { Service = ServiceName.Rest };
        yield return new Fault(FaultKind.Reset) { Service = ServiceName.Rest };
        yield return new Fault(FaultKind.Hang) { Service = ServiceName.Rest };
        yield return new Fault(FaultKind.TooManyRequests) { Service = ServiceName.Rest, RetryAfter = "1" };
        foreach (var status in (int[])[500, 502, 503, 504, 522, 530, 540, 544])
        {
            yield return new Fault(FaultKind.Status) { Service = ServiceName.Rest, Status = status };
        }
    }

    [Test]
    public async Task A_PostgREST_outage_keeps_known_balances_and_sessions()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        foreach (var fault in RestFaults())
        {
            host.StandIn.Control.Fail(fault);

            var (status, body) = await ada.GetAsync("/auth/credits?refresh=true");
            var health = await ada.HealthAsync();
            host.StandIn.Control.ClearFaults();

            status.Should().Be(200, fault.ToString());
            body.GetProperty("status").GetString().Should().Be("stale", fault.ToString());
            body.GetProperty("credits").GetInt64().Should().Be(100, fault.ToString());
            health.Should().Be("inconclusive", fault.ToString());
        }

        (await ada.CreditsAsync(refresh: true)).Should().Be(100);
        (await ada.HealthAsync()).Should().Be("healthy");
    }

    [Test]
    public async Task An_uncached_user_gets_503_during_a_PostgREST_outage()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        host.StandIn.Control.Fail(new Fault(FaultKind.Down) { Service = ServiceName.Rest });

        var (status, body) = await ada.GetAsync("/auth/credits");

        status.Should().Be(503);
        body.GetProperty("code").GetString().Should().Be("credits_unavailable");
        body.TryGetProperty("credits", out _).Should().BeFalse();
    }

    [TestCase(FaultKind.Down)]
    [TestCase(FaultKind.Hang)]
    [TestCase(FaultKind.Status)]
    [TestCase(FaultKind.TooManyRequests)]
    public async Task An_Auth_outage_is_inconclusive_and_keeps_the_session(FaultKind kind)
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        host.StandIn.Control.Fail(new Fault(kind) { Service = ServiceName.Auth });

        (await ada.HealthAsync()).Should().Be("inconclusive");
        (await ada.CreditsAsync(refresh: true)).Should().Be(100);
    }

    [Test]
    public async Task A_session_ended_elsewhere_is_unhealthy_and_cannot_be_refreshed()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.HealthAsync()).Should().Be("healthy");
        using var auth = host.Gateway(ada.Token);

        (await auth.PostAsync("/auth/v1/logout?scope=global", content: null)).StatusCode.Should().Be(HttpStatusCode.NoContent);

        (await ada.HealthAsync()).Should().Be("unhealthy");
        using var rejected = await auth.PostAsJsonAsync(
            "/auth/v1/token?grant_type=refresh_token", new { refresh_token = ada.RefreshToken });
        rejected.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        rejected.Headers.GetValues("x-sb-error-code").Should().Equal("refresh_token_not_found");
    }

    [TestCase("update auth.users set banned_until = now() + interval '1 day' where id = $1")]
    [TestCase("delete from auth.users where id = $1")]
    public async Task A_banned_or_deleted_user_is_unhealthy_with_ledger_kept(string sql)
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);

        await host.StandIn.Control.ExecuteAsync(sql, Guid.Parse(ada.Id));

        (await ada.HealthAsync()).Should().Be("unhealthy");
        (await host.StandIn.Control.ScalarAsync<long>("select count(*) from credit_ledger")).Should().Be(1);
        (await host.AuditAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task An_expired_token_is_rejected_and_the_refreshed_one_accepted()
    {
        await using var host = await SupabaseHost.StartAsync();
        host.StandIn.Control.Auth.TokenLifetime = -60;
        var ada = await host.SignUpAsync();

        var (status, body) = await ada.GetAsync("/auth/credits");

        status.Should().Be(401);
        body.GetProperty("code").GetString().Should().Be("invalid_token");
        host.StandIn.Control.Auth.TokenLifetime = 3600;
        using var auth = host.Gateway();
        using var refreshed =
            await auth.PostAsJsonAsync("/auth/v1/token?grant_type=refresh_token", new { refresh_token = ada.RefreshToken });
        var token = (await refreshed.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("access_token").GetString()!;
        (await new SignedIn(host, ada.Id, ada.Email, token, string.Empty).CreditsAsync()).Should().Be(100);
    }

    [Test]
    public async Task Key_rotation_and_revocation_need_no_restart()
    {
        await using var host = await SupabaseHost.StartAsync();
        await host.StandIn.Control.AddStandbyKeyAsync();
        var before = await host.SignUpAsync();
        (await before.CreditsAsync()).Should().Be(100);

        await host.StandIn.Control.RotateKeyAsync();
        await host.StandIn.Control.RevokePreviousKeysAsync();
        var after = await host.SignUpAsync("after");

        (await after.CreditsAsync()).Should().Be(100);
        (await after.HealthAsync()).Should().Be("healthy");

        // Supabase rejects the old key immediately, and therefore also rejects the requests of a host that still uses this key.
        (await before.GetAsync("/auth/credits?refresh=true")).Status.Should().Be(401);
        (await before.HealthAsync()).Should().Be("unhealthy");
    }

    [Test]
    public async Task A_PostgreSQL_restart_gives_stale_balances_and_then_current_ones()
    {
        await using var host = await SupabaseHost.StartAsync(options: new StandInOptions { DedicatedPostgres = true, Durable = true });
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        using (var paid = await ada.WorkAsync("before"))
        {
            paid.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        host.StandIn.Control.KillDatabase();
        var (status, body) = await ada.GetAsync("/auth/credits?refresh=true");
        var health = await ada.HealthAsync();
        using var rejected = await ada.WorkAsync("meanwhile");
        await host.StandIn.Control.StartDatabaseAsync();

        (status, body.GetProperty("status").GetString(), body.GetProperty("credits").GetInt64()).Should().Be((200, "stale", 95));
        health.Should().Be("inconclusive");
        rejected.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);

        // Each broken connection in the pool makes one request fail. The client repeats the request with its key after a 503.
        var statuses = new List<HttpStatusCode>();
        do
        {
            using var repeated = await ada.WorkAsync("meanwhile");
            statuses.Add(repeated.StatusCode);
        }
        while (statuses[^1] is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict && statuses.Count < 300);

        statuses[^1].Should().Be(HttpStatusCode.OK);
        (await ada.CreditsAsync(refresh: true)).Should().Be(90);
        (await host.AuditAsync()).Should().BeEmpty();
    }

    [TestCase("/rpc/reserve_credits")]
    [TestCase("/rpc/capture_reservation")]
    public async Task A_response_lost_after_the_commit_is_charged_once(string function)
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        host.StandIn.Control.Fail(new Fault(FaultKind.ResponseLost) { Service = ServiceName.Rest, Path = function, Count = 1 });

        using var paid = await ada.WorkAsync("once");
        using var again = await ada.WorkAsync("once");

        paid.StatusCode.Should().Be(HttpStatusCode.OK);
        again.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        (await ada.CreditsAsync(refresh: true)).Should().Be(95);
        (await host.AuditAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task A_capture_with_lost_responses_is_unknown_and_replayed()
    {
        await using var host = await SupabaseHost.StartAsync();
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        host.StandIn.Control.Fail(new Fault(FaultKind.ResponseLost) { Service = ServiceName.Rest, Path = "/rpc/capture_reservation" });

        using var unknown = await ada.WorkAsync("once");
        host.StandIn.Control.ClearFaults();
        using var again = await ada.WorkAsync("once");

        unknown.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await unknown.Content.ReadAsStringAsync()).Should().Contain("outcome_unknown");
        (await again.Content.ReadAsStringAsync()).Should().Be("done");
        again.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        (await ada.CreditsAsync(refresh: true)).Should().Be(95);
    }

    [Test]
    public async Task A_host_started_during_an_outage_recovers_with_Supabase()
    {
        await using var standIn = await StandIns.StartAsync();
        standIn.Control.Fail(new Fault(FaultKind.Down));
        await using var host = await SupabaseHost.StartAsync(standIn);
        standIn.Control.ClearFaults();

        var ada = await host.SignUpAsync();

        (await ada.CreditsAsync()).Should().Be(100);
    }

    [Test]
    public async Task A_ledger_warm_up_is_one_call()
    {
        await using var standIn = await StandIns.StartAsync();
        await using (var before = await SupabaseHost.StartAsync(standIn))
        {
            foreach (var name in (string[])["ada", "bob", "eve"])
            {
                await (await before.SignUpAsync(name)).CreditsAsync();
            }
        }

        standIn.Control.ResetRequests();
        await using var host = await SupabaseHost.StartAsync(standIn);
        var report = await host.Services.GetRequiredService<ICacheWarmer>().WarmAsync();

        report.Users.Should().Be(3);

        // The warm-up called the database twice, once at the start and once now, each time for all users.
        standIn.Control.Requests["POST /rest/v1/rpc/active_user_snapshot"].Should().Be(2);
        standIn.Control.Requests.Keys.Where(static request => request.Contains("/rpc/", StringComparison.Ordinal))
            .Should().BeEquivalentTo("POST /rest/v1/rpc/active_user_snapshot", "POST /rest/v1/rpc/session_recovery_schema");
    }

    [Test]
    public async Task A_row_locked_elsewhere_makes_a_charge_busy_never_unknown()
    {
        await using var host = await SupabaseHost.StartAsync(
            services: static services => services.Configure<CreditOptions>(static credits => credits.MaxAttempts = 1));
        var ada = await host.SignUpAsync();
        (await ada.CreditsAsync()).Should().Be(100);
        await using var sql = NpgsqlDataSource.Create(host.StandIn.Control.ConnectionString());
        await using var connection = await sql.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("select from user_credits where user_id = $1 for update", connection, transaction);
            hold.Parameters.Add(new NpgsqlParameter { Value = Guid.Parse(ada.Id) });
            await hold.ExecuteNonQueryAsync();

            using var busy = await ada.WorkAsync("work-1");

            busy.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            (await busy.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().Should().Be("busy");
        }

        using var paid = await ada.WorkAsync("work-1");

        paid.StatusCode.Should().Be(HttpStatusCode.OK);
        (await ada.CreditsAsync(refresh: true)).Should().Be(95);
        (await host.AuditAsync()).Should().BeEmpty();
    }
}
