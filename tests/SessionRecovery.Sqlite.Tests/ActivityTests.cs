using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests which users the store reports as active.</summary>
[TestFixture]
public sealed class ActivityTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Start_the_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
    }

    [TearDown]
    public async Task Stop_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task The_log_has_charges_and_accounts_that_users_opened()
    {
        await Grant("ada");
        await Initialize("bob");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Grant("bob");
        await Consume("ada");
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "insert into user_credits (user_id, credits) values ('cy', 7)");

        ReadLog().Should().Equal("bob init 100", "ada consume -1");
    }

    [Test]
    public async Task Grants_and_inserted_accounts_make_no_user_active()
    {
        await Grant("ada");
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "insert into user_credits (user_id, credits) values ('bob', 7)");

        (await ActiveUsers(DateTimeOffset.UnixEpoch)).Should().BeEmpty();
    }

    [Test]
    public async Task Charges_and_initializations_are_merged_by_time()
    {
        foreach (var user in new[] { "ada", "bob", "cy", "ada", "dan" })
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await Initialize(user);
            if (user != "cy")
            {
                _clock.Advance(TimeSpan.FromMinutes(1));
                await Consume(user);
            }
        }

        (await ActiveUsers(DateTimeOffset.UnixEpoch)).Should().Equal("dan", "ada", "cy", "bob");
        (await ActiveUsers(_clock.GetUtcNow() - TimeSpan.FromMinutes(4.5))).Should().Equal("dan", "ada", "cy");
        (await ActiveUsers(_clock.GetUtcNow())).Should().Equal("dan");
        (await ActiveUsers(_clock.GetUtcNow() + TimeSpan.FromTicks(1))).Should().BeEmpty();
    }

    [Test]
    public async Task A_charge_with_an_early_time_hides_no_other_charge()
    {
        var start = _clock.GetUtcNow();
        await Initialize("ada");
        await Consume("ada");
        await Initialize("bob");
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            insert into credit_ledger (user_id, version, previous, kind, amount, held_delta, balance_after, held_after, created_at)
            values ('bob', 2, 3, 'consume', -1, 0, 99, 0, 1);
            delete from active_users
            """);
        await Initialize("cy");
        await Consume("cy");

        (await ActiveUsers(start)).Should().Equal("cy", "ada");
    }

    [Test]
    public async Task A_charge_before_many_other_entries_is_found()
    {
        await Initialize("ada");
        await Consume("ada");
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            delete from active_users;
            with recursive n (i) as (select 1 union all select i + 1 from n where i < 25000)
            insert into user_credits (user_id, credits) select 'user' || i, 1 from n
            """);

        (await ActiveUsers(DateTimeOffset.UnixEpoch)).Should().Equal("ada");
        (await ActiveUsers(DateTimeOffset.MaxValue - TimeSpan.FromDays(1))).Should().BeEmpty();
    }

    private async Task<List<string>> ActiveUsers(DateTimeOffset since) =>
        (await _store.Get<IActiveUserSource>().GetActiveUsersAsync(10, since, CancellationToken.None))
            .Select(static user => user.User.Value).ToList();

    private List<string> ReadLog()
    {
        using var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select user_id || ' ' || action || ' ' || credits from usage_logs order by id";
        using var rows = command.ExecuteReader();
        var log = new List<string>();
        while (rows.Read())
        {
            log.Add(rows.GetString(0));
        }

        return log;
    }

    private async Task Grant(string user) => await _store.Credits.ApplyAsync(
        new CreditCommand.Grant(UserId.Create(user), 5, IdempotencyKey.Create(Guid.NewGuid().ToString())), CancellationToken.None);

    private async Task Initialize(string user) =>
        await _store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create(user)), CancellationToken.None);

    private async Task Consume(string user) => await _store.Credits.ApplyAsync(
        new CreditCommand.Consume(UserId.Create(user), 1, IdempotencyKey.Create(Guid.NewGuid().ToString())), CancellationToken.None);
}
