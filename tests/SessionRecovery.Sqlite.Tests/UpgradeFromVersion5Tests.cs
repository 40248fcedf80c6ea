using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Tests the upgrade of a file of schema version 5, which replaces no table. In version 5, the index of keys contains all entries, and a
/// new account is inserted after its first entry.
/// </summary>
[TestFixture]
public sealed class UpgradeFromVersion5Tests
{
    private const string Rows =
        """
        begin;
        pragma application_id = 0x53524543;
        insert into settings (id, incarnation, initial_amount, created_at) values (1, 'first', 100, 1);
        insert into credit_ledger (
            id, user_id, version, previous, kind, amount, held_delta, balance_after, held_after, idempotency_key, reservation_id, refers_to,
            created_at)
        values
            (1, 'ada', 1, null, 'init', 100, 0, 100, 0, null, null, null, 1),
            (2, 'ada', 2, 1, 'hold', 0, 5, 100, 5, null, 'c0000000-0000-0000-0000-000000000001', null, 1),
            (3, 'ada', 3, 2, 'capture', -5, -5, 95, 0, 'captured', 'c0000000-0000-0000-0000-000000000001', 2, 1),
            (4, 'ada', 4, 3, 'consume', -5, 0, 90, 0, 'consumed', null, null, 1),
            (5, 'ada', 5, 4, 'hold', 0, 10, 90, 10, null, 'c0000000-0000-0000-0000-000000000002', null, 1);
        insert into credit_reservations (
            id, user_id, idempotency_key, attempt, amount, captured, state, expires_at, hold_entry, created_at, closed_at)
        values
            ('c0000000-0000-0000-0000-000000000001', 'ada', 'captured', 1, 5, 5, 'captured', 1, 2, 1, 8000000000000000000),
            ('c0000000-0000-0000-0000-000000000002', 'ada', 'open', 1, 10, 0, 'held', 8000000000000000000, 5, 1, null);
        insert into user_credits (user_id, credits, held, version, next_hold_expiry, last_entry)
        values ('ada', 90, 10, 5, 8000000000000000000, 5);
        commit
        """;

    private static readonly UserId Ada = UserId.Create("ada");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Create_the_file()
    {
        _folder = new TemporaryFolder();
        DatabaseFile.Create(_folder, version: 5, Rows);
    }

    [TearDown]
    public void Remove_the_folder() => _folder.Dispose();

    [Test]
    public async Task The_file_gets_the_schema_of_a_new_one()
    {
        using var other = new TemporaryFolder();
        foreach (var folder in new[] { _folder, other })
        {
            await using var store = await StartedStore.StartAsync(folder.ConnectionString, _clock);
            (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        }

        DatabaseFile.ReadSchema(_folder).Should().Equal(DatabaseFile.ReadSchema(other));
        DatabaseFile.Query(_folder, "pragma user_version").Should().Equal("6");
    }

    [Test]
    public async Task Keys_and_reservations_go_on()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        var open = new Guid("c0000000-0000-0000-0000-000000000002");

        var consumed = await ApplyAsync(store, new CreditCommand.Consume(Ada, 5, IdempotencyKey.Create("consumed")));
        var captured = await ApplyAsync(store, new CreditCommand.Consume(Ada, 5, IdempotencyKey.Create("captured")));
        var capture = await ApplyAsync(store, new CreditCommand.Capture(Ada, open, 1));
        var opened = await ApplyAsync(store, new CreditCommand.Initialize(UserId.Create("eve")));

        (consumed.Replayed, consumed.EntryId).Should().Be((true, 4));
        captured.Status.Should().Be(CreditCommandStatus.KeyConflict);
        capture.Balance.Should().Match<CreditBalance>(balance => balance.Available == 80 && balance.Held == 0 && balance.Version == 6);
        opened.Created.Should().BeTrue();
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task Indexes_triggers_and_tables_of_other_programs_are_kept()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            create index host_times on credit_ledger (created_at);
            create table host_changes (entry integer references credit_ledger (id));
            create trigger host_accounts after insert on user_credits begin insert into host_changes values (null); end;
            alter table credit_ledger add column host_note text
            """);

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        await ApplyAsync(store, new CreditCommand.Initialize(UserId.Create("eve")));

        DatabaseFile.Query(_folder, "select name from sqlite_schema where name like 'host%' order by name")
            .Should().Equal("host_accounts", "host_changes", "host_times");
        DatabaseFile.Query(_folder, "select count(*) from host_changes").Should().Equal("1");
    }

    [Test]
    public async Task A_foreign_key_to_the_keys_of_the_ledger_is_named()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            "create table host_log (u text, k text, foreign key (u, k) references credit_ledger (user_id, idempotency_key))");

        var start = () => StartedStore.StartAsync(_folder.ConnectionString, _clock);

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*table 'host_log'*No table was changed.");
        DatabaseFile.Query(_folder, "pragma user_version").Should().Equal("5");
    }

    [Test]
    public async Task A_failed_upgrade_leaves_the_earlier_file()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString, "drop index credit_ledger_key; create view credit_ledger_key as select 1");
        var before = DatabaseFile.ReadSchema(_folder);

        var start = () => StartedStore.StartAsync(_folder.ConnectionString, _clock);

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*credits.db' cannot be opened: *");
        DatabaseFile.ReadSchema(_folder).Should().Equal(before);
        DatabaseFile.Query(_folder, "pragma user_version").Should().Equal("5");
    }

    private static async Task<CreditCommandResult> ApplyAsync(StartedStore store, CreditCommand command) =>
        await store.Credits.ApplyAsync(command, CancellationToken.None);
}
