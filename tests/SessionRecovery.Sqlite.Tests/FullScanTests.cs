using System.Runtime.CompilerServices;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Tests that no command reads the rows of all users. SQLite counts the rows that each statement reads without an index, including those
/// that its triggers and foreign keys read.
/// </summary>
[TestFixture]
public sealed class FullScanTests
{
    private const int Users = 40;

    private static readonly UserId Ada = UserId.Create("ada");
    private static readonly UserId Bob = UserId.Create("bob");

    private readonly FakeTimeProvider _clock = new();
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Fill_a_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock);
        for (var number = 0; number < Users; number++)
        {
            await RunAllCommandsAsync(UserId.Create($"user-{number}"));
        }

        await ReadScansAsync(reset: true);
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task No_command_reads_the_rows_of_all_users()
    {
        await RunAllCommandsAsync(Ada);
        await ApplyAsync(new CreditCommand.Grant(Bob, 5, Key("grant")));
        _clock.Advance(TimeSpan.FromDays(8));
        await ApplyAsync(new CreditCommand.Consume(Ada, 1, Key("after-expiry")));

        (await ReadScansAsync(reset: false)).Where(scan => scan.Rows >= Users).Should().BeEmpty();
    }

    private async Task RunAllCommandsAsync(UserId user)
    {
        var hour = TimeSpan.FromHours(1);
        await ApplyAsync(new CreditCommand.Initialize(user));
        var charge = await ApplyAsync(new CreditCommand.Consume(user, 5, Key("charge")));
        await ApplyAsync(new CreditCommand.Consume(user, 5, Key("charge")));
        await ApplyAsync(new CreditCommand.Refund(user, charge.EntryId!.Value, 2, Key("refund")));
        await ApplyAsync(new CreditCommand.Adjust(user, 5, Key("adjust"), "operator", "reason"));
        await ApplyAsync(new CreditCommand.Grant(user, 5, Key("grant")));

        var job = (await ApplyAsync(new CreditCommand.Reserve(user, 5, Key("job"), hour))).ReservationId!.Value;
        await ApplyAsync(new CreditCommand.Renew(user, job, 1, hour));
        var claimed = await ApplyAsync(new CreditCommand.Claim(user, job, 1, hour));
        await ApplyAsync(new CreditCommand.Capture(user, job, claimed.Attempt));
        var settled = (await ApplyAsync(new CreditCommand.Reserve(user, 5, Key("settled"), hour))).ReservationId!.Value;
        await ApplyAsync(new CreditCommand.Settle(user, settled, 1, 3));
        var released = (await ApplyAsync(new CreditCommand.Reserve(user, 5, Key("released"), hour))).ReservationId!.Value;
        await ApplyAsync(new CreditCommand.Release(user, released, 1));
        await ApplyAsync(new CreditCommand.Reserve(user, 5, Key("open"), hour));
        await ApplyAsync(new CreditCommand.Reserve(user, 0, Key("without-price"), hour));
    }

    private async Task<CreditCommandResult> ApplyAsync(CreditCommand command)
    {
        var result = await _store.Credits.ApplyAsync(command, CancellationToken.None);
        result.Status.Should().Be(CreditCommandStatus.Done);
        return result;
    }

    private async Task<List<(string Sql, int Rows)>> ReadScansAsync(bool reset) => await _store.Get<SqliteDatabase>().WriteAsync(
        connection => Statements(connection)
            .Select(statement => (
                statement.Key,
                raw.sqlite3_stmt_status(Handle(statement.Value), raw.SQLITE_STMTSTATUS_FULLSCAN_STEP, reset ? 1 : 0)))
            .ToList(),
        CancellationToken.None);

    private static IdempotencyKey Key(string text) => IdempotencyKey.Create(text);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_statements")]
    private static extern ref Dictionary<string, StoreStatement> Statements(StoreConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_statement")]
    private static extern ref sqlite3_stmt Handle(StoreStatement statement);
}
