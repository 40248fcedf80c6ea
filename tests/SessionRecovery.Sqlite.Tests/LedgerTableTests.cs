using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>What the tables refuse by themselves, and what the audit says about what got past them.</summary>
[TestFixture]
public sealed class LedgerTableTests
{
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
    public async Task Stored_answers_that_are_a_day_old_go_with_later_captures()
    {
        for (var job = 0; job < 6; job++)
        {
            await Pay($"old-{job}");
        }

        _clock.Advance(TimeSpan.FromHours(24));
        await Pay("new-1");
        Bodies().Should().Be(3, "four of the six old ones went with the first new one");
        await Pay("new-2");

        Bodies().Should().Be(2, "only the new ones are left");
        (await Audit()).Should().BeEmpty();
    }

    [TestCase("UPDATE credit_ledger SET amount = 0 WHERE id = 2")]
    [TestCase("UPDATE credit_ledger SET reason = 'another'")]
    [TestCase("DELETE FROM credit_ledger WHERE id = 2")]
    [TestCase("DELETE FROM credit_ledger")]
    public async Task The_ledger_can_not_be_rewritten(string sql)
    {
        var tamper = () => StartedStore.Tamper(_folder.ConnectionString, sql);

        tamper.Should().Throw<SqliteException>().WithMessage("*credit_ledger is append-only*");
        (await Audit()).Should().BeEmpty();
    }

    [TestCase("UPDATE user_credits SET held = held + 1000", "CHECK")]
    [TestCase("UPDATE user_credits SET credits = -1", "CHECK")]
    [TestCase("UPDATE user_credits SET credits = 9007199254740992", "CHECK")]
    [TestCase("UPDATE user_credits SET credits = 1.5", "REAL")]
    [TestCase("INSERT INTO credit_ledger (user_id, version, kind, amount, held_delta, balance_after, created_at) VALUES ('ada', 2, 'consume', -1, 0, 99, 0)", "UNIQUE")]
    [TestCase("INSERT INTO credit_ledger (user_id, version, kind, amount, held_delta, balance_after, idempotency_key, created_at) VALUES ('ada', 99, 'consume', -1, 0, 99, 'spent', 0)", "UNIQUE")]
    [TestCase("INSERT INTO credit_ledger (user_id, version, kind, amount, held_delta, balance_after, refers_to, created_at) VALUES ('ada', 99, 'release', 0, -20, 99, 3, 0)", "UNIQUE")]
    [TestCase("INSERT INTO credit_ledger (user_id, version, kind, amount, held_delta, balance_after, created_at) VALUES ('nobody', 1, 'init', 1, 0, 1, 0)", "FOREIGN KEY")]
    public void The_tables_refuse_what_can_not_be(string sql, string reason)
    {
        var tamper = () => StartedStore.Tamper(_folder.ConnectionString, sql);

        tamper.Should().Throw<SqliteException>().WithMessage($"*{reason}*");
    }

    [TestCase("UPDATE user_credits SET credits = credits + 1", "credits differ from the sum of the ledger")]
    [TestCase("UPDATE user_credits SET held = held + 1", "held credits differ from the sum of the open holds")]
    [TestCase("UPDATE user_credits SET held = held - 1", "held credits differ from the sum of the ledger")]
    [TestCase("UPDATE user_credits SET version = version + 1", "end elsewhere than the account")]
    [TestCase("UPDATE user_credits SET next_hold_expiry = NULL", "next expiry of a hold is not the earliest")]
    [TestCase("DROP TRIGGER credit_ledger_keeps_rows; PRAGMA foreign_keys = OFF; DELETE FROM credit_ledger WHERE id = 2", "versions of the ledger have a gap")]
    [TestCase("DROP TRIGGER credit_ledger_keeps_rows; PRAGMA foreign_keys = OFF; DELETE FROM credit_ledger", "an account and its ledger are not both there")]
    [TestCase("PRAGMA foreign_keys = OFF; DELETE FROM user_credits", "an account and its ledger are not both there")]
    [TestCase("DROP TRIGGER credit_ledger_keeps_values; UPDATE credit_ledger SET balance_after = balance_after + 1 WHERE id = 2", "balance does not follow from the row before")]
    [TestCase("DROP TRIGGER credit_ledger_keeps_values; UPDATE credit_ledger SET refers_to = NULL WHERE kind = 'capture'", "another number of ending rows than one")]
    [TestCase("DROP TRIGGER credit_ledger_keeps_values; UPDATE credit_ledger SET refers_to = 1 WHERE kind = 'capture'", "ends a hold that there is not")]
    [TestCase("UPDATE credit_reservations SET amount = 4 WHERE state = 'held'", "another hold than its ledger row says")]
    [TestCase("UPDATE credit_reservations SET state = 'released' WHERE state = 'held'", "another number of ending rows than one")]
    [TestCase("UPDATE credit_reservations SET state = 'expired', captured = 0 WHERE state = 'captured'", "another number of capture rows than one")]
    [TestCase("UPDATE credit_reservations SET captured = 19 WHERE state = 'captured'", "or another amount")]
    [TestCase("PRAGMA ignore_check_constraints = ON; UPDATE user_credits SET held = 1000", "less than nothing is available")]
    public async Task The_audit_says_what_was_tampered_with(string sql, string fault)
    {
        StartedStore.Tamper(_folder.ConnectionString, sql);

        (await Audit()).Should().Contain(sentence => sentence.Contains(fault, StringComparison.Ordinal)).And.OnlyContain(sentence => sentence.EndsWith('.'));
    }

    [Test]
    public void Every_change_has_one_row_in_the_book_and_every_deed_one_in_the_log()
    {
        Rows("SELECT version || ' ' || kind || ' ' || amount || ' ' || held_delta || ' ' || balance_after || ' ' || coalesce(idempotency_key, '-') || ' ' || coalesce(reason, '-') FROM credit_ledger ORDER BY id")
            .Should().Equal(
                "1 init 100 0 100 - -",
                "2 consume -10 0 90 spent for a reason",
                "3 hold 0 20 90 - -",
                "4 capture -20 -20 70 paid -",
                "5 hold 0 5 70 - -");
        Rows("SELECT user_id || ' ' || action || ' ' || credits || ' ' || ledger_id FROM usage_logs ORDER BY id")
            .Should().Equal("ada init 100 1", "ada consume -10 2", "ada capture -20 4");
    }

    [Test]
    public void The_file_is_in_wal_mode_and_strict() =>
        Rows("SELECT journal_mode || (SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%') FROM pragma_journal_mode").Should().Equal("wal0");

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

    private async Task Pay(string key)
    {
        var held = await Apply(new CreditCommand.Reserve(Ada, 1, IdempotencyKey.Create(key), TimeSpan.FromSeconds(10)));
        await Apply(new CreditCommand.Capture(Ada, held.ReservationId!.Value, 1, new StoredResponse(200, "text/plain", null, "paid"u8.ToArray())));
    }

    private long Bodies()
    {
        using var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM credit_reservations WHERE response_body IS NOT NULL";
        return (long)command.ExecuteScalar()!;
    }
}
