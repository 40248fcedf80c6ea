using System.Diagnostics;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using TestRequirements;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests that a change of the table <c>user_credits</c> by another program is either recorded in the ledger or rejected.</summary>
[TestFixture]
public sealed class ExternalChangeTests
{
    private static readonly UserId Ada = UserId.Create("ada");
    private static readonly UserId Bob = UserId.Create("bob");

    private FakeTimeProvider _clock = null!;
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;
    private CreditCommandResult _older = null!;
    private CreditCommandResult _newer = null!;

    [SetUp]
    public async Task Fill_a_store()
    {
        _folder = new TemporaryFolder();
        _clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        await Apply(new CreditCommand.Initialize(Ada));
        _older = await Apply(new CreditCommand.Reserve(Ada, 20, IdempotencyKey.Create("older"), TimeSpan.FromHours(1)));
        _newer = await Apply(new CreditCommand.Reserve(Ada, 30, IdempotencyKey.Create("newer"), TimeSpan.FromHours(2)));
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        (await _store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("update user_credits set credits = 250")]
    [TestCase("update user_credits set credits = credits + 150, updated_at = 1 where user_id = 'ada'")]
    [TestCase("update or replace user_credits set credits = 250")]
    [TestCase("update or ignore user_credits set credits = 250")]
    [TestCase("pragma recursive_triggers = on; update user_credits set credits = 250")]
    [TestCase("insert into user_credits (user_id, credits) values ('ada', 250) on conflict do update set credits = excluded.credits")]
    [TestCase("pragma foreign_keys = on; replace into user_credits (user_id, credits) values ('ada', 250)")]
    [TestCase("insert or replace into user_credits (user_id, credits, held, version, created_at, updated_at) "
        + "values ('ada', 250, 0, 77, 0, 0)")]
    [TestCase("insert into user_credits (user_id, credits) values ('bob', 1); "
        + "replace into user_credits (user_id, credits, version, last_entry) values ('ada', 250, 2, 4)")]
    public async Task A_changed_balance_is_the_next_ledger_entry(string sql)
    {
        Execute(sql);

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 200 && balance.Held == 50 && balance.Version == 4);
        LastEntry().Should().Be("4 adjust 150 0 250");
        await EndReservations();
    }

    [TestCase("hold")]
    [TestCase("second hold")]
    [TestCase("second attempt without a price")]
    [TestCase("release")]
    [TestCase("expire")]
    [TestCase("capture")]
    [TestCase("late capture")]
    [TestCase("settle")]
    [TestCase("settle 0")]
    [TestCase("consume")]
    [TestCase("refund")]
    public async Task A_changed_balance_follows_every_kind_of_last_entry(string kind)
    {
        await End(kind);
        var before = (await Read(Bob)).Version;

        Execute("replace into user_credits (user_id, credits) values ('bob', 1000)");
        Execute("update user_credits set credits = credits + 7 where user_id = 'bob'");

        (await Read(Bob)).Should().Match<CreditBalance>(
            balance => balance.Available + balance.Held == 1007 && balance.Version == before + 2);
    }

    [Test]
    public async Task Several_changes_of_one_transaction_are_an_entry_each()
    {
        Execute("begin; update user_credits set credits = 90; update user_credits set credits = 95; commit");

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 45 && balance.Version == 5);
        LastEntry().Should().Be("5 adjust 5 0 95");
    }

    [Test]
    public async Task An_unchanged_balance_is_no_entry()
    {
        Execute("update user_credits set credits = credits, updated_at = 5");

        (await Read(Ada)).Version.Should().Be(3);
    }

    [Test]
    public async Task A_balance_below_the_held_credits_releases_the_newest_reservation()
    {
        Execute("update user_credits set credits = 25");

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 5 && balance.Held == 20 && balance.Version == 5);
        LastEntry().Should().Be("5 release 0 -30 25");
        (await Apply(new CreditCommand.Capture(Ada, _newer.ReservationId!.Value, 1))).Status
            .Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Apply(new CreditCommand.Capture(Ada, _older.ReservationId!.Value, 1))).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Balance!.Available == 5);
    }

    [Test]
    public async Task A_balance_of_zero_releases_every_reservation()
    {
        Execute("update user_credits set credits = 0");

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 0 && balance.Held == 0 && balance.Version == 6);
        (await Apply(new CreditCommand.Consume(Ada, 1, IdempotencyKey.Create("k")))).Status.Should().Be(CreditCommandStatus.Insufficient);
    }

    [TestCase("insert into user_credits (user_id, credits) values ('bob', 7)")]
    [TestCase("insert into user_credits (user_id, credits, held, version, created_at, updated_at) values ('bob', 7, 0, 5, 0, 0)")]
    [TestCase("insert or ignore into user_credits (user_id, credits) values ('ada', 9), ('bob', 7)")]
    [TestCase("insert into user_credits (user_id, credits, last_entry) values ('bob', 7, 0)")]
    [TestCase("insert into user_credits (user_id, credits, last_entry) values ('bob', 0, 0); "
        + "update user_credits set credits = 7 where user_id = 'bob'")]
    public async Task An_inserted_account_gets_its_first_entry(string sql)
    {
        Execute(sql);

        (await Read(Bob)).Should().Match<CreditBalance>(balance => balance.Available == 7 && balance.Held == 0 && balance.Version == 1);
        (await Apply(new CreditCommand.Initialize(Bob))).Replayed.Should().BeTrue();
        (await Apply(new CreditCommand.Consume(Bob, 7, IdempotencyKey.Create("k")))).Balance!.Version.Should().Be(2);
        (await Read(Ada)).Version.Should().Be(3);
    }

    [Test]
    public async Task An_inserted_account_without_credits_gets_its_first_entry()
    {
        Execute("insert into user_credits (user_id, credits) values ('bob', 0)");

        (await Read(Bob)).Should().Match<CreditBalance>(balance => balance.Available == 0 && balance.Version == 1);
        LastEntry().Should().Be("1 init 0 0 0");
    }

    // Only the store inserts such a row, and then appends the first entry. The commands of the store do not depend on who inserted it.
    [Test]
    public async Task An_account_that_is_inserted_without_an_entry_can_be_used()
    {
        Execute("insert into user_credits (user_id, credits, last_entry) values ('bob', 0, 0)");

        var grant = await Apply(new CreditCommand.Grant(Bob, 5, IdempotencyKey.Create("grant")));

        grant.Balance.Should().Match<CreditBalance>(balance => balance.Available == 5 && balance.Version == 1);
        LastEntry().Should().Be("1 grant 5 0 5");
    }

    [TestCase("after update of credits on user_credits when new.credits > old.credits begin "
        + "update user_credits set credits = credits + 1 where user_id = new.user_id; end")]
    [TestCase("after update of credits on user_credits when new.credits > 80 and new.user_id = 'bob' begin "
        + "update user_credits set credits = 80 where user_id = new.user_id; end")]
    public async Task A_trigger_that_changes_a_new_account_is_recorded(string trigger)
    {
        Execute($"create trigger host {trigger}");

        await Apply(new CreditCommand.Initialize(Bob));
        await Apply(new CreditCommand.Consume(Bob, 1, IdempotencyKey.Create("charge")));

        (await Read(Bob)).Version.Should().Be(3);
    }

    [TestCase("after insert on user_credits begin update user_credits set credits = credits + 50 where user_id = new.user_id; end")]
    [TestCase("after insert on credit_ledger when new.kind = 'init' begin "
        + "update user_credits set credits = credits + 50 where user_id = new.user_id; end")]
    public async Task A_trigger_that_changes_an_account_without_an_entry_is_rejected(string trigger)
    {
        Execute($"create trigger host {trigger}");

        var initialize = async () => await Apply(new CreditCommand.Initialize(Bob));

        await initialize.Should().ThrowAsync<SqliteException>().WithMessage("*credits only*");
    }

    [TestCase("update user_credits set held = held - 1", "*credits only*")]
    [TestCase("update user_credits set held = 0", "*credits only*")]
    [TestCase("update user_credits set version = version + 1", "*credits only*")]
    [TestCase("update user_credits set credits = 5, version = version + 1", "*credits only*")]
    [TestCase("update user_credits set credits = 5, held = 0", "*credits only*")]
    [TestCase("update user_credits set next_hold_expiry = null", "*credits only*")]
    [TestCase("update user_credits set last_entry = last_entry - 1", "*credits only*")]
    [TestCase("update user_credits set last_entry = null", "*credits only*")]
    [TestCase("update user_credits set credits = 100, held = 20, version = 2, last_entry = 2, next_hold_expiry = null", "*credits only*")]
    [TestCase("update user_credits set user_id = 'eve'", "*user_id cannot be changed*")]
    [TestCase("update user_credits set credits = -1", "*credits between 0 and*")]
    [TestCase("update user_credits set credits = 9007199254740992", "*credits between 0 and*")]
    [TestCase("delete from user_credits", "*cannot be deleted*")]
    [TestCase("pragma foreign_keys = off; delete from user_credits", "*cannot be deleted*")]
    [TestCase("insert into user_credits (user_id, credits, held) values ('bob', 9, 4)", "*has no held credits*")]
    [TestCase("replace into user_credits (user_id, credits) values ('ada', 1)", "*less than open reservations hold*")]
    [TestCase("replace into user_credits (user_id, credits, held) values ('ada', 100, 4)", "*has no held credits*")]
    public async Task A_change_that_the_ledger_cannot_express_is_rejected(string sql, string reason)
    {
        var change = () => Execute(sql);

        change.Should().Throw<SqliteException>().WithMessage(reason);
        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 50 && balance.Held == 50 && balance.Version == 3);
        await EndReservations();
    }

    [TestCase(95, 45, 50, 4)]
    [TestCase(25, 5, 20, 5)]
    [TestCase(0, 0, 0, 6)]
    public async Task A_trigger_that_opens_other_accounts_does_not_disturb_a_change(int credits, int available, int held, int version)
    {
        Execute(
            "create trigger host after insert on credit_ledger when new.user_id = 'ada' begin "
            + "insert into user_credits (user_id, credits) values ('fee-' || new.version, 7); end");

        Execute($"update user_credits set credits = {credits} where user_id = 'ada'");

        var balance = await Read(Ada);
        (balance.Available, balance.Held, balance.Version).Should().Be((available, held, version));
        (await Apply(new CreditCommand.Grant(Ada, 1, IdempotencyKey.Create("next")))).Balance!.Version.Should().Be(version + 1);
        var history = await _store.Get<ICreditStoreHistory>().ReadHistoryAsync(Ada, before: null, limit: 10, CancellationToken.None);
        history.Entries.Select(entry => entry.Version).Should().Equal(
            Enumerable.Range(1, version + 1).Reverse().Select(number => (long)number));
        history.Entries.Should().OnlyContain(entry => entry.Amount != 7);
    }

    [TestCase("insert into user_credits (user_id, credits) values ('bob', 10)")]
    [TestCase("pragma recursive_triggers = on; insert into user_credits (user_id, credits) values ('bob', 10)")]
    public async Task A_trigger_that_credits_another_account_is_recorded(string sql)
    {
        Execute(
            "create trigger host after insert on credit_ledger when new.kind = 'init' begin "
            + "update user_credits set credits = credits + 5 where user_id = 'ada'; end");

        Execute(sql);

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 55 && balance.Version == 4);
        (await Read(Bob)).Should().Match<CreditBalance>(balance => balance.Available == 10 && balance.Version == 1);
    }

    [Test]
    public async Task A_change_by_the_command_line_tool_of_another_SQLite_release_is_recorded()
    {
        Requirement.Met(Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "sqlite3"))) ? null : "The program sqlite3 is not installed.");
        var sql = "update user_credits set credits = 60; insert into user_credits (user_id, credits) values ('bob', 7)";
        using (var tool = Process.Start("sqlite3", [_folder.Database, sql]))
        {
            await tool.WaitForExitAsync();
            tool.ExitCode.Should().Be(0);
        }

        (await Read(Ada)).Should().Match<CreditBalance>(balance => balance.Available == 10 && balance.Version == 4);
        LastEntry().Should().Be("1 init 7 0 7");
    }

    // Adds entries to the ledger of Bob, of which the last one has the given kind.
    private async Task End(string kind)
    {
        await Apply(new CreditCommand.Initialize(Bob));
        if (kind is "consume" or "refund")
        {
            var charge = await Apply(new CreditCommand.Consume(Bob, 5, IdempotencyKey.Create("charge")));
            if (kind == "refund")
            {
                await Apply(new CreditCommand.Refund(Bob, charge.EntryId!.Value, 2, IdempotencyKey.Create("refund")));
            }

            return;
        }

        var key = IdempotencyKey.Create("job");
        var reservation = (await Apply(new CreditCommand.Reserve(Bob, 10, key, TimeSpan.FromMinutes(1), "job"))).ReservationId!.Value;
        if (kind is "release" or "second hold" or "second attempt without a price")
        {
            await Apply(new CreditCommand.Release(Bob, reservation, 1));
        }
        else if (kind is "expire" or "late capture")
        {
            _clock.Advance(TimeSpan.FromMinutes(2));
            await Read(Bob);
        }

        _ = kind switch
        {
            "second hold" => await Apply(new CreditCommand.Reserve(Bob, 20, key, TimeSpan.FromMinutes(1), "job")),
            "second attempt without a price" => await Apply(new CreditCommand.Reserve(Bob, 0, key, TimeSpan.FromMinutes(1), "job")),
            "capture" or "late capture" => await Apply(new CreditCommand.Capture(Bob, reservation, 1)),
            "settle" => await Apply(new CreditCommand.Settle(Bob, reservation, 1, 4)),
            "settle 0" => await Apply(new CreditCommand.Settle(Bob, reservation, 1, 0)),
            _ => null,
        };
    }

    private void Execute(string sql) => StartedStore.ExecuteRawSql(_folder.ConnectionString, sql);

    private string LastEntry()
    {
        using var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "select version || ' ' || kind || ' ' || amount || ' ' || held_delta || ' ' || balance_after from credit_ledger "
            + "order by id desc limit 1";
        return (string)command.ExecuteScalar()!;
    }

    private async Task EndReservations()
    {
        (await Apply(new CreditCommand.Release(Ada, _older.ReservationId!.Value, 1))).Status.Should().Be(CreditCommandStatus.Done);
        (await Apply(new CreditCommand.Capture(Ada, _newer.ReservationId!.Value, 1))).Status.Should().Be(CreditCommandStatus.Done);
    }

    private async Task<CreditBalance> Read(UserId user) =>
        (await _store.Credits.ReadAsync(new UserSession(user), CancellationToken.None)).Balance!;

    private ValueTask<CreditCommandResult> Apply(CreditCommand command) => _store.Credits.ApplyAsync(command, CancellationToken.None);
}
