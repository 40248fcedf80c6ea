using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Health.Internal;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the store while another program locks the database, while the database is busy, and after it was closed.</summary>
[TestFixture]
public sealed class OutageTests
{
    private static readonly UserSession Ada = new(UserId.Create("ada"));

    private readonly FakeTimeProvider _clock = new();
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Start_a_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock, options => options.BusyTimeout = TimeSpan.Zero);
        await Apply(new CreditCommand.Initialize(Ada.User));
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Commands_are_busy_while_another_program_locks_the_file()
    {
        using (Lock())
        {
            (await Consume("k")).Should().Be(CreditCommandResult.Busy);
            (await Read()).Balance!.Available.Should().Be(100, "readers never wait for a writer");
        }

        (await Consume("k"))
            .Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);
        (await Audit()).Should().BeEmpty();
    }

    [Test]
    public async Task Finished_work_is_captured_after_an_outage_beyond_the_reservation()
    {
        var reservation = await Apply(
            new CreditCommand.Reserve(Ada.User, 60, IdempotencyKey.Create("h"), TimeSpan.FromSeconds(10), leaseOwner: Guid.NewGuid()));
        var capture = new CreditCommand.Capture(Ada.User, reservation.ReservationId!.Value, reservation.Attempt);
        using (Lock())
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            (await Apply(new CreditCommand.Renew(
                Ada.User, reservation.ReservationId.Value, reservation.Attempt, TimeSpan.FromSeconds(10)))).Status
                .Should().Be(CreditCommandStatus.Busy);
            (await Apply(capture)).Status.Should().Be(CreditCommandStatus.Busy);
            var read = Read;
            await read.Should().ThrowAsync<SqliteException>("the balance without the expired reservation is unknown during the outage");
        }

        (await Apply(capture))
            .Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Balance!.Available == 40);
        (await Audit()).Should().BeEmpty();
    }

    [Test]
    public async Task A_call_canceled_in_the_queue_changes_nothing()
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var first = Task.Run(async () => await _store.Get<SqliteDatabase>().WriteAsync(
            _ =>
            {
                entered.Set();
                leave.Wait();
                return 0;
            },
            CancellationToken.None));
        entered.Wait();
        using var cancellation = new CancellationTokenSource();
        var waiting =
            _store.Credits.ApplyAsync(new CreditCommand.Consume(Ada.User, 1, IdempotencyKey.Create("k")), cancellation.Token).AsTask();
        (await Read()).Balance!.Available.Should().Be(100, "a reader has its own connection");
        waiting.IsCompleted.Should().BeFalse();

        await cancellation.CancelAsync();

        var cancelled = () => waiting;
        await cancelled.Should().ThrowAsync<OperationCanceledException>();
        leave.Set();
        await first;
        (await Read()).Balance!.Version.Should().Be(1);
    }

    [Test]
    public async Task A_call_canceled_during_its_transaction_returns_the_result()
    {
        using var cancellation = new CancellationTokenSource();

        var done = await _store.Get<SqliteDatabase>().WriteAsync(
            _ =>
            {
                cancellation.Cancel();
                return "committed";
            },
            cancellation.Token);

        done.Should().Be("committed");
    }

    [Test]
    public async Task A_command_takes_the_write_lock_before_reading()
    {
        using var other = new StoreConnection(_folder.ConnectionString + ";Pooling=False", TimeSpan.Zero);

        await _store.Get<SqliteDatabase>().WriteAsync(
            _ =>
            {
                var write = () => other.InTransaction(connection => connection.Execute("update user_credits set credits = 0"));
                write.Should().Throw<SqliteException>().Which.SqliteErrorCode.Should().Be(5);
                return 0;
            },
            CancellationToken.None);
    }

    [Test]
    public async Task A_failed_transaction_rolls_back_and_the_next_command_succeeds()
    {
        var fail = async () => await _store.Get<SqliteDatabase>().WriteAsync<int>(
            connection =>
            {
                connection.Execute("update user_credits set credits = 99");
                throw new InvalidDataException("half way");
            },
            CancellationToken.None);

        await fail.Should().ThrowAsync<InvalidDataException>();

        (await Audit()).Should().BeEmpty();
        (await Consume("k")).Balance!.Available.Should().Be(99);
        (await Audit()).Should().BeEmpty();
    }

    [Test]
    public async Task A_stopped_store_rejects_calls_and_its_probe_is_inconclusive()
    {
        var probe = new StoreProbe(_store.Get<SqliteDatabase>());
        (await probe.ProbeAsync(Ada, CancellationToken.None)).Should().Be(ProbeResult.Healthy());

        await _store.StopAsync();

        (await probe.ProbeAsync(Ada, CancellationToken.None)).Should().Be(ProbeResult.Inconclusive("store_unreachable"));
        var read = Read;
        var consume = async () => await Consume("k");
        await read.Should().ThrowAsync<ObjectDisposedException>();
        await consume.Should().ThrowAsync<ObjectDisposedException>();
        _folder.Names().Should().Equal("credits.db", "credits.db.owner");
    }

    // Locks the database file, as a backup tool does.
    private SqliteConnection Lock()
    {
        var connection = new SqliteConnection(_folder.ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "begin immediate";
        command.ExecuteNonQuery();
        return connection;
    }

    private Task<CreditReadResult> Read() => _store.Credits.ReadAsync(Ada, CancellationToken.None).AsTask();

    private ValueTask<CreditCommandResult> Apply(CreditCommand command) => _store.Credits.ApplyAsync(command, CancellationToken.None);

    private ValueTask<CreditCommandResult> Consume(string key) => Apply(new CreditCommand.Consume(Ada.User, 1, IdempotencyKey.Create(key)));

    private ValueTask<IReadOnlyList<string>> Audit() => _store.Audit.AuditAsync(CancellationToken.None);
}
