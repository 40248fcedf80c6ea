using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using SessionRecovery.Warming;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Warming;

/// <summary>Tests the cache warm-up without a ledger, which makes two calls and reads distinct users from the activity table.</summary>
[TestFixture]
internal sealed class TableWarmUpTests
{
    private static readonly DateTimeOffset Since = new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Test]
    public async Task Two_calls_return_distinct_users_latest_first_with_their_balances()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal)
            ? Json(200, """[{"user_id":"b"},{"user_id":"a"},{"user_id":"b"},{"user_id":"c"},{"user_id":"d"},{"user_id":null}]""")
            : Json(200,
                """
                [{"user_id":"a","credits":1},{"user_id":"b","credits":0},{"user_id":"c","credits":null},{"user_id":"d","credits":5},
                 {"user_id":"d","credits":6}]
                """);

        var users = await host.Get<IActiveUserSource>().GetActiveUsersAsync(10, Since, CancellationToken.None);

        users.Select(user => (user.User.Value, user.Balance.Available)).Should().Equal(("b", 0), ("a", 1));
        host.Supabase.Requests.Select(request => Uri.UnescapeDataString(request.Target)).Should().Equal(
            "/rest/v1/usage_logs?select=user_id&created_at=gte.2026-03-01T10:00:00.000000Z"
                + "&user_id=not.is.null&order=created_at.desc&limit=1000",
            """/rest/v1/user_credits?select=user_id,credits&user_id=in.("b","a","c","d")""");
        host.Supabase.Requests.Should().OnlyContain(request => request.Key == ScriptedHost.Secret);
    }

    [Test]
    public async Task One_call_returns_the_balances_of_given_users()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = _ => Json(200, """[{"user_id":"a","credits":1},{"user_id":"b","credits":null}]""");

        var users = await host.Get<IActiveUserSource>().GetUsersAsync(
            [UserId.Create("a"), UserId.Create("b"), UserId.Create("c")], CancellationToken.None);

        users!.Select(user => (user.User.Value, user.Balance.Available)).Should().Equal(("a", 1));
        var request = host.Supabase.Requests.Should().ContainSingle().Which;
        Uri.UnescapeDataString(request.Target).Should().Be(
            """/rest/v1/user_credits?select=user_id,credits&user_id=in.("a","b","c")""");
        request.Key.Should().Be(ScriptedHost.Secret);
    }

    [Test]
    public async Task A_balance_has_the_time_of_its_request()
    {
        var clock = new FakeTimeProvider(Since);
        await using var host = new ScriptedHost(clock: clock);
        host.Supabase.Script = request =>
        {
            if (request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal))
            {
                return Json(200, """[{"user_id":"a"}]""");
            }

            clock.Advance(TimeSpan.FromSeconds(3));
            return Json(200, """[{"user_id":"a","credits":1}]""");
        };

        var users = await host.Get<IActiveUserSource>().GetActiveUsersAsync(10, Since, CancellationToken.None);

        users.Should().ContainSingle().Which.Balance.AsOf.Should().Be(Since);
    }

    [Test]
    public async Task The_limit_counts_users_and_not_rows()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal)
            ? Json(200, """[{"user_id":"b"},{"user_id":"b"},{"user_id":"a"},{"user_id":"c"}]""")
            : Json(200, "[]");

        await host.Get<IActiveUserSource>().GetActiveUsersAsync(2, Since, CancellationToken.None);

        Uri.UnescapeDataString(host.Supabase.Requests[1].Target).Should().EndWith("""in.("b","a")""");
    }

    [Test]
    public async Task A_warm_up_without_a_secret_key_sends_no_request()
    {
        await using var host = new ScriptedHost(options => options.SecretKey = null);

        (await host.Get<IActiveUserSource>().GetActiveUsersAsync(10, Since, CancellationToken.None)).Should().BeEmpty();

        host.Supabase.Requests.Should().BeEmpty();
        host.Logs.GetSnapshot()
            .Should().ContainSingle().Which.Message.Should().Contain("usage_logs").And.Contain("SupabaseOptions.SecretKey");
    }

    [Test]
    public async Task A_warm_up_without_an_activity_table_sends_no_request()
    {
        await using var host = new ScriptedHost(options => options.ActivityTable = string.Empty);

        (await host.Get<IActiveUserSource>().GetActiveUsersAsync(10, Since, CancellationToken.None)).Should().BeEmpty();

        host.Supabase.Requests.Should().BeEmpty();
        host.Logs.GetSnapshot().Should().BeEmpty();
    }

    [TestCase(404, "PGRST205")]
    [TestCase(404, "42P01")]
    [TestCase(400, "42703")]
    public async Task A_missing_table_is_reported_with_its_options(int status, string code)
    {
        await using var host = new ScriptedHost(options => options.ActivityTable = "visits");
        host.Supabase.Script = _ => Json(status, $$"""{"code":"{{code}}","details":null,"hint":null,"message":""}""");

        (await host.Get<ICacheWarmer>().WarmAsync()).Outcome.Should().Be(CacheWarmingOutcome.Failed);

        host.Logs.GetSnapshot().Should().ContainSingle(static record => record.Id.Name == "SupabaseActivityMissing").Which.Message
            .Should().Contain("visits").And.Contain(code).And.Contain("SupabaseOptions.ActivityTable");
    }

    [Test]
    public async Task A_table_unreadable_with_the_secret_key_logs_an_error()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = _ => Json(403, """{"code":"42501","details":null,"hint":null,"message":""}""");

        (await host.Get<ICacheWarmer>().WarmAsync()).Outcome.Should().Be(CacheWarmingOutcome.Failed);

        host.Logs.GetSnapshot()
            .Should().ContainSingle(static record => record.Id.Name == "SupabaseReadRejected").Which.Message.Should().Contain("usage_logs");
    }

    [Test]
    public async Task A_quoted_name_stays_one_name()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal)
            ? Json(200, """[{"user_id":"a\"),user_id=(\\"}]""")
            : Json(200, "[]");

        await host.Get<IActiveUserSource>().GetActiveUsersAsync(10, Since, CancellationToken.None);

        host.Supabase.Requests[1].Target.Should().EndWith("in.(%22a%5C%22%29%2Cuser_id%3D%28%5C%5C%22)");
    }

    [Test]
    public async Task A_thousand_long_ids_are_read_in_several_requests()
    {
        await using var host = new ScriptedHost();
        var ids = Enumerable.Range(0, 1000).Select(i => $"{new string('x', 200)}{i}").ToList();
        host.Supabase.Script = request => request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal)
            ? Json(200, $"[{string.Join(',', ids.Select(id => $$"""{"user_id":"{{id}}"}"""))}]")
            : RespondWithBalances(request.Target);

        var users = await host.Get<IActiveUserSource>().GetActiveUsersAsync(10_000, Since, CancellationToken.None);

        users.Select(user => user.User.Value).Should().Equal(ids);
        host.Supabase.Requests.Should().HaveCountGreaterThan(2).And.OnlyContain(request => request.Target.Length < 40_000);
    }

    [TestCase(10_000, 36, TestName = "Ten_thousand_given_users_are_read_in_several_requests")]
    [TestCase(2_500, 4, TestName = "Short_ids_are_read_in_requests_of_a_thousand_rows")]
    public async Task Given_users_are_read_in_several_requests(int count, int length)
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = request => RespondWithBalances(request.Target);
        var given = Enumerable.Range(0, count).Select(i => UserId.Create(i.ToString(CultureInfo.InvariantCulture).PadLeft(length, '0')));
        var ids = given.ToList();

        var users = await host.Get<IActiveUserSource>().GetUsersAsync(ids, CancellationToken.None);

        users!.Select(user => user.User).Should().Equal(ids);
        host.Supabase.Requests.Should().OnlyContain(request => request.Target.Length < 40_000);
    }

    [Test]
    public async Task A_warmed_user_is_read_without_a_request()
    {
        await using var host = new ScriptedHost(credits: options => options.UnversionedCacheDuration = TimeSpan.FromHours(1));
        host.Supabase.Script = request => request.Target.StartsWith("/rest/v1/usage_logs", StringComparison.Ordinal)
            ? Json(200, $$"""[{"user_id":"{{host.Ada.Value}}"}]""")
            : Json(200, $$"""[{"user_id":"{{host.Ada.Value}}","credits":42}]""");

        await host.Get<ICacheWarmer>().WarmAsync();
        var reading = await host.ReadAsync();

        reading.Should().BeEquivalentTo(new { Status = CreditReadStatus.Current });
        reading.Balance!.Available.Should().Be(42);
        host.Supabase.Requests.Should().HaveCount(2);
    }

    // A Supabase project returns at most 1000 rows per request.
    private static HttpResponseMessage RespondWithBalances(string target)
    {
        var list = Uri.UnescapeDataString(target).Split("in.(")[1].TrimEnd(')');
        var rows = list.Split(',').Take(1000).Select(id => $$"""{"user_id":{{id}},"credits":1}""");
        return Json(200, $"[{string.Join(',', rows)}]");
    }
}
