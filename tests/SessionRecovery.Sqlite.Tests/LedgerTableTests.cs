using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the constraints and triggers of the tables, and tests that the audit finds changes that bypass the triggers.</summary>
[TestFixture]
public sealed class LedgerTableTests
{
    private const string DropChangeTrigger = "drop trigger credit_reservations_reject_change; ";
    private const string DropUpdateTrigger = "drop trigger user_credits_record_update; ";
    private const string AddEntry = "insert into credit_ledger (user_id, version, previous, held_delta, held_after, kind, amount, "
        + "balance_after, idempotency_key, refers_to, actor, reason, created_at) values ('ada', 6, 5, 0, 5, ";
    private const string AddAnyEntry = "insert into credit_ledger (held_after, created_at, user_id, version, previous, kind, amount, "
        + "held_delta, balance_after, ";

    // Two writers read the same state of the account, and then charge 10 credits each.
    private const string TwoWriters =
        AddAnyEntry + "reason) values (0, 0, 'bob', 2, 6, 'consume', -10, 0, 90, null); "
        + "update user_credits set credits = 90, version = 2, last_entry = 7 where user_id = 'bob'; "
        + AddAnyEntry + "reason) values (0, 0, 'bob', 2, 6, 'consume', -10, 0, 90, null); "
        + "update user_credits set credits = 90, version = 2, last_entry = ";

    private static readonly UserId Ada = UserId.Create("ada");

    private FakeTimeProvider _clock = null!;
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Fill_a_store()
    {
        _folder = new TemporaryFolder();
        _clock = new FakeTimeProvider();
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        await Apply(new CreditCommand.Initialize(Ada));
        await Apply(new CreditCommand.Consume(Ada, 10, IdempotencyKey.Create("spent"), "for a reason"));
        var paid = await Apply(new CreditCommand.Reserve(Ada, 20, IdempotencyKey.Create("paid"), TimeSpan.FromSeconds(10)));
        await Apply(new CreditCommand.Capture(Ada, paid.ReservationId!.Value, 1));
        await Apply(new CreditCommand.Reserve(Ada, 5, IdempotencyKey.Create("open"), TimeSpan.FromSeconds(10)));
        (await Audit()).Should().BeEmpty();
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Later_captures_remove_day_old_stored_responses()
    {
        for (var job = 0; job < 6; job++)
        {
            await Pay($"old-{job}");
        }

        _clock.Advance(TimeSpan.FromHours(24));
        await Pay("new-1");
        Bodies().Should().Be(3, "the first new capture removed four of the six old bodies");
        await Pay("new-2");

        Bodies().Should().Be(2, "only the two new bodies remain");
        (await Audit()).Should().BeEmpty();
    }

    [Test]
    public async Task Day_old_responses_keep_the_location_of_paid_results_only()
    {
        await Pay("result");
        await Pay("free", amount: 0);
        await Pay("without-a-body", amount: 0, hasBody: false);

        _clock.Advance(TimeSpan.FromHours(24));
        await Pay("new");

        Query("select group_concat(idempotency_key || ' ' || response_location, ', ') from credit_reservations where closed_at is not null "
            + "and response_location is not null").Should().Be("result /result, new /result");
        Query("select count(*) from credit_reservations where response_headers is not null").Should().Be(1L);
        Query("select count(*) from credit_reservations where response_status is not null").Should().Be(4L);
    }

    [Test]
    public async Task Reservations_without_a_price_are_deleted_after_a_week()
    {
        for (var job = 0; job < 3; job++)
        {
            await Pay($"captured-{job}", amount: 0);
        }

        var released = await Apply(new CreditCommand.Reserve(Ada, 0, IdempotencyKey.Create("released"), TimeSpan.FromSeconds(10)));
        await Apply(new CreditCommand.Release(Ada, released.ReservationId!.Value, 1));
        await Apply(new CreditCommand.Reserve(Ada, 0, IdempotencyKey.Create("expired"), TimeSpan.FromSeconds(10)));
        _clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMicroseconds(1));
        await Pay("new-1", amount: 0);
        Free().Should().Be(6);

        _clock.Advance(TimeSpan.FromSeconds(11));
        await Pay("new-2", amount: 0);
        Free().Should().Be(3, "the reservation deleted four of the five old rows");
        await Pay("new-3", amount: 0);

        Free().Should().Be(3, "only the new rows remain");
        Query("select count(*) from credit_reservations where amount > 0").Should().Be(2L);
        (await Audit()).Should().BeEmpty();
        (await Apply(new CreditCommand.Reserve(Ada, 0, IdempotencyKey.Create("captured-0"), TimeSpan.FromSeconds(10))))
            .Status.Should().Be(CreditCommandStatus.Done);
    }

    [Test]
    public async Task Reservations_with_ledger_entries_are_kept()
    {
        var key = IdempotencyKey.Create("free-later");
        var priced = await Apply(new CreditCommand.Reserve(Ada, 5, key, TimeSpan.FromSeconds(10), "job"));
        await Apply(new CreditCommand.Release(Ada, priced.ReservationId!.Value, 1));
        var free = await Apply(new CreditCommand.Reserve(Ada, 0, key, TimeSpan.FromSeconds(10), "job"));
        await Apply(new CreditCommand.Capture(Ada, free.ReservationId!.Value, 2));

        _clock.Advance(TimeSpan.FromDays(8));
        await Pay("new", amount: 0);

        (await Apply(new CreditCommand.Reserve(Ada, 0, key, TimeSpan.FromSeconds(10), "job"))).Status
            .Should().Be(CreditCommandStatus.AlreadyCaptured);
        (await Audit()).Should().BeEmpty();
    }

    [TestCase("update credit_ledger set amount = 0 where id = 2")]
    [TestCase("update credit_ledger set reason = 'another'")]
    [TestCase("delete from credit_ledger where id = 2")]
    [TestCase("delete from credit_ledger")]
    public async Task Ledger_rows_cannot_be_changed(string sql)
    {
        var tamper = () => StartedStore.ExecuteRawSql(_folder.ConnectionString, sql);

        tamper.Should().Throw<SqliteException>().WithMessage("*credit_ledger is append-only*");
        (await Audit()).Should().BeEmpty();
    }

    [TestCase("delete from credit_reservations where idempotency_key = 'paid'", "cannot be deleted")]
    [TestCase("update credit_reservations set id = 'x' where idempotency_key = 'paid'", "cannot be changed")]
    [TestCase("update credit_reservations set user_id = 'eve'", "cannot be changed")]
    [TestCase("update credit_reservations set idempotency_key = 'again' where idempotency_key = 'paid'", "cannot be changed")]
    [TestCase("update credit_reservations set amount = 4 where state = 'held'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set state = 'released' where state = 'held'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set hold_entry = 3 where state = 'held'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set captured = 3 where state = 'held'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set amount = 99 where state = 'captured'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set hold_entry = null, amount = 0, captured = 0 where state = 'captured'",
        "reservations follow from the ledger")]
    [TestCase("update credit_reservations set state = 'held' where state = 'captured'", "reservations follow from the ledger")]
    [TestCase("update credit_reservations set state = 'released', captured = 0 where state = 'captured'", "follow from the ledger")]
    [TestCase("update credit_reservations set captured = 0 where state = 'captured'", "reservations follow from the ledger")]
    [TestCase("update user_credits set held = -1", "CHECK")]
    [TestCase("update user_credits set held = held + 1000", "credits only")]
    [TestCase("update user_credits set credits = -1", "CHECK")]
    [TestCase("update user_credits set credits = 9007199254740992", "CHECK")]
    [TestCase("update user_credits set credits = 1.5", "REAL")]
    [TestCase(AddAnyEntry + "idempotency_key) values (0, 0, 'ada', 99, 5, 'consume', -1, 0, 99, 'spent')", "UNIQUE")]
    [TestCase(AddAnyEntry + "refers_to) values (0, 0, 'ada', 99, 5, 'release', 0, -20, 99, 3)", "UNIQUE")]
    [TestCase(AddAnyEntry + "reason) values (0, 0, 'nobody', 1, null, 'init', 1, 0, 1, null)", "FOREIGN KEY")]
    [TestCase(AddAnyEntry + "reason) values (0, 0, 'ada', 1, 1, 'consume', -1, 0, 99, null)", "CHECK")]
    [TestCase("update user_credits set last_entry = 3", "credits only")]
    [TestCase("insert into user_credits (user_id, credits) values ('bob', 100); " + TwoWriters + "8 where user_id = 'bob'", "credits only")]
    [TestCase("insert into user_credits (user_id, credits) values ('bob', 100); "
        + AddAnyEntry + "reason) values (0, 0, 'bob', 1, null, 'grant', 900, 0, 900, null); "
        + "update user_credits set credits = 900, version = 1, last_entry = 7 where user_id = 'bob'", "credits only")]
    [TestCase("update user_credits set credits = 90, held = 20, version = 3, last_entry = 3", "credits only")]
    public void The_tables_reject_impossible_values(string sql, string reason)
    {
        var tamper = () => StartedStore.ExecuteRawSql(_folder.ConnectionString, sql);

        tamper.Should().Throw<SqliteException>().WithMessage($"*{reason}*");
    }

    [TestCase(DropUpdateTrigger + "update user_credits set credits = credits + 1", "Credits differ from the sum of the ledger")]
    [TestCase(DropUpdateTrigger + "update user_credits set held = held + 1", "Held credits differ from the sum of the open reservations")]
    [TestCase(DropUpdateTrigger + "update user_credits set held = held - 1", "Held credits differ from the sum of the ledger")]
    [TestCase(DropUpdateTrigger + "update user_credits set version = version + 1", "do not end at the version of the account")]
    [TestCase(DropUpdateTrigger + "update user_credits set next_hold_expiry = null", "next expiry of an account is not the earliest")]
    [TestCase("drop trigger credit_ledger_reject_delete; pragma foreign_keys = off; delete from credit_ledger where id = 2",
        "versions of the ledger have a gap")]
    [TestCase("drop trigger credit_ledger_reject_delete; pragma foreign_keys = off; delete from credit_ledger",
        "An account or its ledger is missing")]
    [TestCase("drop trigger user_credits_reject_delete; pragma foreign_keys = off; delete from user_credits",
        "An account or its ledger is missing")]
    [TestCase("insert into user_credits (user_id, credits, last_entry) values ('bob', 0, 0)", "An account or its ledger is missing")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set balance_after = balance_after + 1 where id = 2",
        "does not follow from the entry before")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set refers_to = null where kind = 'capture'",
        "or a closed one does not have exactly one")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set refers_to = 1 where kind = 'capture'",
        "closes a reservation that does not exist")]
    [TestCase(DropChangeTrigger + "update credit_reservations set amount = 4 where state = 'held'", "differs from its ledger entry")]
    [TestCase(DropChangeTrigger + "update credit_reservations set state = 'released' where state = 'held'",
        "or a closed one does not have exactly one")]
    [TestCase(DropChangeTrigger + "update credit_reservations set state = 'expired', captured = 0 where state = 'captured'",
        "not have exactly one capture entry")]
    [TestCase(DropChangeTrigger + "update credit_reservations set captured = 19 where state = 'captured'", "capture entry of its amount")]
    [TestCase(DropChangeTrigger + "update credit_reservations set captured = 0 where state = 'captured'", "capture entry of its amount")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set amount = -21 where kind = 'capture'",
        "A capture charges nothing, or more than its hold")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set amount = 0 where kind = 'capture'",
        "A capture charges nothing, or more than its hold")]
    [TestCase(DropUpdateTrigger + "update user_credits set held = 1000", "Held or available credits are negative")]
    [TestCase(AddAnyEntry + "reason) values (0, 0, 'ada', 2, 1, 'consume', -1, 0, 99, null)", "versions of the ledger have a gap")]
    [TestCase(AddAnyEntry + "reason) values (5, 0, 'ada', 6, null, 'consume', -1, 0, 69, null)", "does not refer to the entry before")]
    [TestCase(AddAnyEntry + "reason) values (5, 0, 'ada', 6, 4, 'consume', -1, 0, 69, null)", "does not refer to the entry before")]
    [TestCase(AddAnyEntry + "reason) values (4, 0, 'ada', 6, 5, 'consume', -1, 0, 69, null)", "does not follow from the entry before")]
    [TestCase(DropUpdateTrigger + "update user_credits set last_entry = 4", "is not its latest ledger entry")]
    [TestCase("drop trigger credit_reservations_reject_delete; delete from credit_reservations where idempotency_key = 'open'",
        "is not found by its reservations")]
    [TestCase("drop trigger credit_reservations_reject_delete; delete from credit_reservations where idempotency_key = 'paid'",
        "A capture does not have the key and the user of its reservation")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set idempotency_key = 'other' where kind = 'capture'",
        "A capture does not have the key and the user of its reservation")]
    [TestCase("drop trigger credit_reservations_reject_update; "
        + "update credit_reservations set idempotency_key = 'spent' where state = 'held'",
        "A key belongs to a reservation and to an entry without a reservation")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set previous = 7 where id = 5",
        "does not refer to the entry before")]
    [TestCase("drop trigger credit_ledger_reject_update; update credit_ledger set held_after = held_after + 1 where id = 5",
        "does not follow from the entry before")]
    [TestCase(AddAnyEntry + "reservation_id) select 5, 0, 'ada', 6, 5, 'consume', -1, 0, 69, id from credit_reservations limit 1",
        "An entry of a reservation has another kind")]
    [TestCase(AddAnyEntry + "idempotency_key, reservation_id) "
        + "select 5, 0, 'ada', 6, 5, 'hold', 0, 0, 70, idempotency_key, id from credit_reservations where state = 'held'",
        "or a key although it is no capture")]
    [TestCase(AddEntry + "'refund', 11, 81, 'r', 2, null, null, 0)", "The refunds of a ledger entry exceed its amount")]
    [TestCase(AddEntry + "'refund', 1, 71, 'r', 1, null, null, 0)", "A refund does not refer to a charge of the same user")]
    [TestCase(AddEntry + "'grant', -1, 69, 'g', null, null, null, 0)", "A grant or a refund does not add credits")]
    [TestCase(AddEntry + "'grant', 1, 71, null, null, null, null, 0)", "A grant or a refund does not add credits, or has no key")]
    [TestCase(AddEntry + "'adjust', 1, 71, 'a', null, null, 'why', 0)", "An adjustment with a key has no actor or no reason")]
    public async Task The_audit_reports_each_kind_of_tampering(string sql, string fault)
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, sql);

        (await Audit()).Should().Contain(
            sentence => sentence.Contains(fault, StringComparison.Ordinal))
            .And.OnlyContain(sentence => Regex.IsMatch(sentence, "\\(violations: [1-9][0-9]*; first user: (ada|bob|eve)\\)\\.$"));
    }

    [Test]
    public void Every_change_has_one_ledger_row_and_one_log_row()
    {
        Rows("select version || ' ' || kind || ' ' || amount || ' ' || held_delta || ' ' || balance_after || ' ' || "
            + "coalesce(idempotency_key, '-') || ' ' || coalesce(reason, '-') from credit_ledger order by id")
            .Should().Equal(
                "1 init 100 0 100 - -",
                "2 consume -10 0 90 spent for a reason",
                "3 hold 0 20 90 - -",
                "4 capture -20 -20 70 paid -",
                "5 hold 0 5 70 - -");
        Rows("select user_id || ' ' || action || ' ' || credits || ' ' || ledger_id from usage_logs order by id")
            .Should().Equal("ada init 100 1", "ada consume -10 2", "ada capture -20 4");
    }

    [Test]
    public void The_file_is_in_wal_mode_and_strict() =>
        Rows("select journal_mode || (select count(*) from pragma_table_list where schema = 'main' and type = 'table' and strict = 0 "
            + "and name not like 'sqlite_%') from pragma_journal_mode").Should().Equal("wal0");

    private List<string> Rows(string sql)
    {
        using var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private ValueTask<CreditCommandResult> Apply(CreditCommand command) => _store.Credits.ApplyAsync(command, CancellationToken.None);

    private ValueTask<IReadOnlyList<string>> Audit() => _store.Audit.AuditAsync(CancellationToken.None);

    private async Task Pay(string key, long amount = 1, bool hasBody = true)
    {
        var held = await Apply(new CreditCommand.Reserve(Ada, amount, IdempotencyKey.Create(key), TimeSpan.FromSeconds(10)));
        var response = new StoredResponse(200, "text/plain", "/result", hasBody ? "paid"u8.ToArray() : null)
        {
            Headers = new Dictionary<string, string>(hasBody ? [new("ETag", "\"1\"")] : []),
        };
        await Apply(new CreditCommand.Capture(Ada, held.ReservationId!.Value, 1, response));
    }

    private long Bodies() => (long)Query("select count(*) from credit_reservations where response_body is not null");

    private long Free() => (long)Query("select count(*) from credit_reservations where amount = 0");

    private object Query(string sql)
    {
        using var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
