using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.KeyRing;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Tests the upgrade of files of earlier schema versions. In version 1 each reservation has a price. Version 2 has no index of refunds. In
/// version 3 the activity log is a table. In version 4 the ledger has an index of all versions.
/// </summary>
[TestFixture(1)]
[TestFixture(2)]
[TestFixture(3)]
[TestFixture(4)]
public sealed class UpgradeTests(int version)
{
    private const string Rows =
        """
        begin;
        pragma application_id = 0x53524543;
        insert into settings (id, incarnation, initial_amount, created_at) values (1, 'first', 100, 1);
        insert into credit_ledger (
            id, user_id, version, kind, amount, held_delta, balance_after, idempotency_key, reservation_id, refers_to, created_at)
        values
            (1, 'ada', 1, 'init', 100, 0, 100, null, null, null, 1),
            (2, 'ada', 2, 'hold', 0, 5, 100, null, 'c0000000-0000-0000-0000-000000000001', null, 1),
            (3, 'ada', 3, 'capture', -5, -5, 95, 'captured', 'c0000000-0000-0000-0000-000000000001', 2, 1),
            (4, 'ada', 4, 'hold', 0, 3, 95, null, 'c0000000-0000-0000-0000-000000000002', null, 1),
            (5, 'ada', 5, 'release', 0, -3, 95, null, 'c0000000-0000-0000-0000-000000000002', 4, 1),
            (6, 'ada', 6, 'hold', 0, 10, 95, null, 'c0000000-0000-0000-0000-000000000003', null, 1),
            (7, 'bob', 1, 'init', 100, 0, 100, null, null, null, 1);
        insert into user_credits (user_id, credits, held, version, next_hold_expiry)
        values ('ada', 95, 0, 6, null), ('bob', 100, 0, 1, null);
        insert into credit_reservations (
            id, user_id, idempotency_key, attempt, amount, captured, state, expires_at, hold_entry, response_status, response_body,
            created_at, closed_at)
        values
            ('c0000000-0000-0000-0000-000000000001', 'ada', 'captured', 1, 5, 5, 'captured', 1, 2, 200, x'68656c6c6f', 1,
                8000000000000000000),
            ('c0000000-0000-0000-0000-000000000002', 'ada', 'released', 1, 3, 0, 'released', 1, 4, null, null, 1, 1),
            ('c0000000-0000-0000-0000-000000000003', 'ada', 'open', 1, 10, 0, 'held', 8000000000000000000, 6, null, null, 1, null);
        insert into stored_files (user_id, name, display_name, size, sha256, content_type, created_at)
        values ('bob', 'a.txt', 'a.txt', 1, 'x', 'text/plain', 1);
        update user_credits set held = 10, next_hold_expiry = 8000000000000000000 where user_id = 'ada';
        commit;
        """;

    // Before version 4, the activity log was a table.
    private const string UsageLogs =
        """
        insert into usage_logs (user_id, action, credits, ledger_id, created_at)
        values ('ada', 'init', 100, 1, 1), ('ada', 'capture', -5, 3, 1), ('bob', 'init', 100, 7, 1)
        """;

    // Since version 4, a user who opens an account is recorded here.
    private const string ActiveUsers = "insert into active_users (user_id, last_at) values ('ada', 1), ('bob', 1)";

    private static readonly UserId Ada = UserId.Create("ada");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Create_the_file()
    {
        _folder = new TemporaryFolder();
        DatabaseFile.Create(_folder, version, $"{Rows} {(version < 4 ? UsageLogs : ActiveUsers)}");
    }

    [TearDown]
    public void Remove_the_folder() => _folder.Dispose();

    [Test]
    public async Task An_earlier_file_keeps_its_rows()
    {
        var before = CountRows();
        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock))
        {
            (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
            var balance = (await store.Credits.ReadAsync(new UserSession(Ada), CancellationToken.None)).Balance!;
            (balance.Available, balance.Held, balance.Version, balance.Incarnation).Should().Be((85, 10, 6, "first"));
        }

        CountRows().Should().Equal(before);
        Query("select group_concat(idempotency_key || ' ' || state || ' ' || amount, ', ') from credit_reservations order by rowid")
            .Should().Equal("captured captured 5, released released 3, open held 10");
        Query("pragma foreign_key_check").Should().BeEmpty();
    }

    [Test]
    public async Task An_earlier_file_gets_the_schema_of_a_new_one()
    {
        await using (await StartedStore.StartAsync(_folder.ConnectionString, _clock))
        {
        }

        using var other = new TemporaryFolder();
        await using (await StartedStore.StartAsync(other.ConnectionString, _clock))
        {
        }

        DatabaseFile.ReadSchema(_folder).Should().Equal(DatabaseFile.ReadSchema(other));
        Query("pragma user_version").Should().Equal("6");
    }

    [Test]
    public async Task A_reservation_that_had_a_price_gets_its_hold_entry()
    {
        // In version 1 every reservation had a price, so the row already has the entry.
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            version == 1 ? "select 1" : "update credit_reservations set amount = 0, hold_entry = null where hold_entry = 4");

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        Query("select hold_entry from credit_reservations where idempotency_key = 'released'").Should().Equal("4");
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task The_key_of_a_deleted_reservation_is_not_charged_again()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "delete from credit_reservations where idempotency_key = 'captured'");

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await ReserveAsync(store, 5, "captured")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task A_captured_key_that_was_reserved_again_is_not_charged_again()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            "delete from credit_reservations where idempotency_key = 'captured'; "
            + "update credit_reservations set idempotency_key = 'captured' where idempotency_key = 'released'");

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await ReserveAsync(store, 5, "captured")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task An_account_whose_latest_reservation_was_deleted_keeps_its_versions()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            insert into credit_ledger (id, user_id, version, kind, amount, held_delta, balance_after, reservation_id, refers_to, created_at)
            values
                (8, 'bob', 2, 'hold', 0, 5, 100, 'c0000000-0000-0000-0000-000000000004', null, 1),
                (9, 'bob', 3, 'release', 0, -5, 100, 'c0000000-0000-0000-0000-000000000004', 8, 1);
            update user_credits set version = 3 where user_id = 'bob'
            """);
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();

        StartedStore.ExecuteRawSql(_folder.ConnectionString, "replace into user_credits (user_id, credits) values ('bob', 50)");

        Query("select group_concat(version || ' ' || kind, ', ') from credit_ledger where user_id = 'bob'")
            .Should().Equal("1 init, 2 hold, 3 release, 4 adjust");
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task A_trigger_of_another_program_on_the_view_of_the_activity_is_kept()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            $"create trigger host_usage {(version < 4 ? "after" : "instead of")} insert on usage_logs begin select 1; end");

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        Query("select count(*) from sqlite_schema where name = 'host_usage'").Should().Equal(
            [version < 4 ? "0" : "1"], "before version 4, usage_logs was a table, which is gone with its triggers");
    }

    [Test]
    public async Task Reservations_of_an_earlier_file_go_on()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        var captured = await ReserveAsync(store, 5, "captured");
        var open = await store.Credits.ApplyAsync(
            new CreditCommand.Capture(Ada, new Guid("c0000000-0000-0000-0000-000000000003"), 1), CancellationToken.None);

        captured.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        captured.Response!.Body!.Value.ToArray().Should().Equal("hello"u8.ToArray());
        open.Balance!.Available.Should().Be(85);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task An_earlier_file_accepts_reservations_without_a_price()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await ReserveAsync(store, 0, "free")).Status.Should().Be(CreditCommandStatus.Done);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task Charges_of_an_earlier_file_can_be_refunded()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        var refund = await store.Credits.ApplyAsync(
            new CreditCommand.Refund(Ada, 3, null, IdempotencyKey.Create("refund")), CancellationToken.None);
        var grant = await store.Credits.ApplyAsync(
            new CreditCommand.Grant(UserId.Create("eve"), 5, IdempotencyKey.Create("grant")), CancellationToken.None);

        refund.Balance!.Available.Should().Be(90);
        grant.Balance!.Available.Should().Be(105);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task An_earlier_file_warms_its_users()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        var users = store.Get<IActiveUserSource>();
        await ((IActiveUserStore)users).RecordAsync([UserId.Create("bob")], CancellationToken.None);

        var active = await users.GetActiveUsersAsync(10, DateTimeOffset.UnixEpoch, CancellationToken.None);

        active.Select(user => user.User.Value).Should().Equal("bob", "ada");
    }

    [Test]
    public async Task Activity_rows_and_views_of_other_programs_are_kept()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            create view daily as select action, count(*) as number from usage_logs group by action;
            drop index if exists usage_logs_created_at
            """);
        if (version < 4)
        {
            StartedStore.ExecuteRawSql(
                _folder.ConnectionString, "insert into usage_logs (user_id, action, credits, created_at) values ('ada', 'export', 0, 5)");
        }

        await using (await StartedStore.StartAsync(_folder.ConnectionString, _clock))
        {
        }

        Query("select action || ' ' || number from daily order by action").Should().Equal("capture 1", "init 2");
        if (version < 4)
        {
            Query("select user_id || ' ' || action || ' ' || created_at from usage_logs_of_others").Should().Equal("ada export 5");
        }
    }

    [Test]
    public async Task Users_who_only_opened_an_account_stay_active()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        var active = await store.Get<IActiveUserSource>().GetActiveUsersAsync(10, DateTimeOffset.UnixEpoch, CancellationToken.None);

        active.Select(user => user.User.Value).Should().BeEquivalentTo("ada", "bob");
        Query("select group_concat(user_id || ' ' || action || ' ' || credits || ' ' || ledger_id, ', ') from usage_logs")
            .Should().Equal("ada init 100 1, ada capture -5 3, bob init 100 7");
    }

    [Test]
    public async Task Indexes_triggers_and_tables_of_other_programs_are_kept()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            create index "the host's times" on credit_ledger (created_at);
            create index host_states on credit_reservations (state);
            create table host_changes (entry integer references credit_ledger (id), user_id text references user_credits (user_id));
            insert into host_changes values (3, 'ada');
            create trigger host_entries after insert on Credit_Ledger begin insert into host_changes values (new.id, new.user_id); end;
            create trigger host_changes after insert on credit_ledger when new.version < 0 begin select 1; end;
            create trigger host_accounts after update on USER_CREDITS begin insert into host_changes values (null, new.user_id); end;
            create view host_entries_by_user as select user_id, count(*) as number from credit_ledger group by user_id
            """);

        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock))
        {
            Query("select count(*) from host_changes").Should().Equal(["1"], "the upgrade runs no trigger of another program");
            await ReserveAsync(store, 5, "new");
        }

        Query("select name from sqlite_schema where name like '%host%' order by name").Should().Equal(
            "host_accounts", "host_changes", "host_changes", "host_entries", "host_entries_by_user", "host_states", "the host's times");
        Query("select coalesce(entry, 'account') || ' ' || user_id from host_changes order by rowid").Should().Equal(
            "3 ada", "8 ada", "account ada");
        Query("select user_id || ' ' || number from host_entries_by_user").Should().Equal("ada 7", "bob 1");
        Query("pragma foreign_key_check").Should().BeEmpty();
    }

    [Test]
    public async Task A_foreign_key_to_the_former_activity_table_is_named()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "create table host_exports (log integer references Usage_Logs (id))");
        var start = async () =>
        {
            await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        };

        if (version < 4)
        {
            await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*table 'host_exports' of another program*");
            ShouldBeEarlierFile();
        }
        else
        {
            await start.Should().NotThrowAsync("the activity log was not a table before either");
        }
    }

    [TestCase("create table host_x (u text, v integer, foreign key (u, v) references Credit_Ledger (user_id, Version))", "table 'host_x'")]
    [TestCase("create table host_x (u text, k text, foreign key (u, k) references credit_ledger (user_id, Idempotency_Key))",
        "table 'host_x'")]
    [TestCase("alter table credit_ledger add column Previous text", "column 'Previous' of another program in the table 'credit_ledger'")]
    [TestCase("alter table credit_ledger add column note text", "column 'note' of another program in the table 'credit_ledger'")]
    [TestCase("alter table credit_reservations add column note text",
        "column 'note' of another program in the table 'credit_reservations'")]
    public async Task An_object_that_the_upgrade_cannot_keep_is_named(string sql, string reason)
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, sql);

        var start = () => StartedStore.StartAsync(_folder.ConnectionString, _clock);

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{reason}*No table was changed.");
        ShouldBeEarlierFile();
    }

    [Test]
    public async Task The_last_entry_is_that_of_the_highest_version()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            """
            insert into credit_ledger (id, user_id, version, kind, amount, held_delta, balance_after, idempotency_key, created_at)
            values (20, 'bob', 2, 'grant', 5, 0, 105, 'two', 1), (15, 'bob', 3, 'grant', 5, 0, 110, 'three', 1);
            update user_credits set credits = 110, version = 3 where user_id = 'bob'
            """);
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        var bob = UserId.Create("bob");
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "replace into user_credits (user_id, credits) values ('bob', 50)");

        await store.Credits.ApplyAsync(new CreditCommand.Consume(bob, 1, IdempotencyKey.Create("four")), CancellationToken.None);

        var history = await store.Get<ICreditStoreHistory>().ReadHistoryAsync(bob, before: null, limit: 10, CancellationToken.None);
        history.Entries.Select(entry => entry.Id).Should().Equal(22, 21, 15, 20, 7);
    }

    [Test]
    public async Task Foreign_keys_are_checked_after_an_upgrade()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await store.Get<SqliteDatabase>().WriteAsync(
            connection => (long)connection.Scalar("pragma foreign_keys")!, CancellationToken.None)).Should().Be(1);
    }

    [Test]
    public async Task An_earlier_file_gets_the_table_of_keys()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "drop table if exists key_ring");
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await store.Get<IKeyRingStore>().ReadAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task A_ledger_with_faults_is_upgraded_and_reported()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            "pragma foreign_keys = off; drop trigger credit_ledger_reject_delete; delete from credit_ledger where id in (1, 2, 4)");
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        (await store.Audit.AuditAsync(CancellationToken.None)).Should().Contain(
            fault => fault.StartsWith("A ledger entry does not refer to the entry before", StringComparison.Ordinal));
        (await ReserveAsync(store, 5, "new")).Status.Should().Be(CreditCommandStatus.Done);
    }

    [Test]
    public async Task The_history_of_an_earlier_file_is_complete()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);

        var history = await store.Get<ICreditStoreHistory>().ReadHistoryAsync(Ada, before: null, limit: 10, CancellationToken.None);

        history.Entries.Select(entry => entry.Id).Should().Equal(6, 5, 4, 3, 2, 1);
    }

    [Test]
    public async Task A_failed_upgrade_leaves_the_earlier_file()
    {
        // The upgrade creates an index of this name, after it has changed the tables.
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "create view credit_ledger_versions as select 1");

        var start = () => StartedStore.StartAsync(_folder.ConnectionString, _clock);

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*credits.db' cannot be opened: *");
        ShouldBeEarlierFile();
    }

    private static async Task<CreditCommandResult> ReserveAsync(StartedStore store, long amount, string key) =>
        await store.Credits.ApplyAsync(
            new CreditCommand.Reserve(Ada, amount, IdempotencyKey.Create(key), TimeSpan.FromMinutes(1)), CancellationToken.None);

    private void ShouldBeEarlierFile()
    {
        Query("pragma user_version").Should().Equal(version.ToString(CultureInfo.InvariantCulture));
        Query("select count(*) from credit_reservations").Should().Equal("3");
    }

    private List<string> CountRows() =>
        new[] { "settings", "user_credits", "credit_ledger", "credit_reservations", "usage_logs", "stored_files" }
            .Select(table => $"{table} {Query($"select count(*) from {table}").Single()}").ToList();

    private List<string> Query(string sql) => DatabaseFile.Query(_folder, sql);
}
