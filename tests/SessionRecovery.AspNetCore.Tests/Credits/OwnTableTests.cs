using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Tests a host that reads and deducts credits in its own table with its own SQL, without a ledger or versions.</summary>
[TestFixture]
internal sealed class OwnTableTests
{
    private TemporaryFolder _folder = null!;
    private FakeTimeProvider _time = null!;
    private TestHost _host = null!;

    private string Database => $"Data Source={_folder.File("own.db")};Pooling=False";

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Execute("create table user_credits (user_id text primary key, credits integer not null); insert into user_credits values "
            + "('ann', 40)");
        _host = await TestHost.StartAsync(_folder, (builder, recovery) =>
        {
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.Services.AddSingleton(new OwnTable.Address(Database));
            recovery.UseCreditReader<OwnTable>();
        });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task The_balance_follows_host_SQL_within_its_cache_duration()
    {
        using var ann = await _host.SignInAsync("ann");
        (await BalanceAsync(ann)).Should().Be(40);

        Execute("update user_credits set credits = credits - 5 where user_id = 'ann'");
        _time.Advance(TimeSpan.FromSeconds(2));

        (await BalanceAsync(ann)).Should().Be(35);
    }

    [Test]
    public async Task The_balance_is_current_after_a_host_refresh()
    {
        using var ann = await _host.SignInAsync("ann");
        (await BalanceAsync(ann)).Should().Be(40);

        Execute("update user_credits set credits = credits - 5 where user_id = 'ann'");
        await _host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")));

        (await BalanceAsync(ann)).Should().Be(35);
    }

    [Test]
    public async Task A_user_without_a_row_is_not_found_never_zero()
    {
        using var bob = await _host.SignInAsync("bob");

        var body = await bob.GetFromJsonAsync<JsonElement>("/auth/credits");

        body.GetProperty("success").GetBoolean().Should().BeFalse();
        body.GetProperty("status").GetString().Should().Be("missing");
        body.GetProperty("credits").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Test]
    public async Task A_table_outage_gives_cached_users_stale_and_others_503()
    {
        using var ann = await _host.SignInAsync("ann");
        await BalanceAsync(ann);
        Execute("alter table user_credits rename to gone");
        _time.Advance(TimeSpan.FromSeconds(5));

        // The test advances the clock in the background, because the retries wait for it.
        using var moving = new CancellationTokenSource();
        var clock = Task.Run(() =>
        {
            while (!moving.IsCancellationRequested)
            {
                _time.Advance(TimeSpan.FromMilliseconds(20));
                Thread.SpinWait(50_000);
            }
        });
        var stale = await ann.GetFromJsonAsync<JsonElement>("/auth/credits");
        using var bob = await _host.SignInAsync("bob");
        using var unknown = await bob.GetAsync("/auth/credits");
        await moving.CancelAsync();
        await clock;

        stale.GetProperty("status").GetString().Should().Be("stale");
        stale.GetProperty("credits").GetInt64().Should().Be(40);
        await unknown.ShouldBeProblemAsync(System.Net.HttpStatusCode.ServiceUnavailable, "credits_unavailable");
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(Database);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task<long> BalanceAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/auth/credits")).GetProperty("credits").GetInt64();

    private sealed class OwnTable(OwnTable.Address address) : ICreditReader
    {
        public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
        {
            await using var connection = new SqliteConnection(address.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "select credits from user_credits where user_id = $user";
            command.Parameters.AddWithValue("$user", session.User.Value);
            return await command.ExecuteScalarAsync(cancellationToken) is long credits
                ? CreditReadResult.Current(new CreditBalance(credits, DateTimeOffset.UtcNow))
                : CreditReadResult.NotFound;
        }

        public sealed record Address(string ConnectionString);
    }
}
