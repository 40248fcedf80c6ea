using FluentAssertions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Tests writes that wait for the writer connection at the same time and then share a transaction. Each test holds the connection until
/// the writes of the test wait.
/// </summary>
[TestFixture]
public sealed class GroupCommitTests
{
    private const string Mark = "insert into stored_files values ($user, $name, '', 0, '', '', 0)";

    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _ran = [];
    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    private SqliteDatabase Database => _store.Get<SqliteDatabase>();

    [SetUp]
    public async Task Start_a_store()
    {
        _ran.Clear();
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString, _clock, options => options.BusyTimeout = TimeSpan.Zero);
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public void A_write_without_competitors_runs_at_once()
    {
        WriteAsync("alone").IsCompletedSuccessfully.Should().BeTrue();

        Stored().Should().Equal("alone");
    }

    [Test]
    public async Task Waiting_writes_share_a_transaction_in_their_order()
    {
        Task[] writes = [];
        await WhileBusyAsync(() => writes =
        [
            WriteAsync("a"),
            WriteAsync("b"),
            Database.WriteAsync(
                connection =>
                {
                    connection.Scalar("select count(*) from stored_files").Should().Be(2L, "the transaction contains both writes");
                    Stored().Should().BeEmpty("the transaction is not committed");
                    writes.Should().OnlyContain(write => !write.IsCompleted, "no result is given before the commit");
                    return 0;
                },
                CancellationToken.None).AsTask(),
        ]);

        await Task.WhenAll(writes);

        _ran.Should().Equal("a", "b");
        Stored().Should().Equal("a", "b");
    }

    [Test]
    public async Task A_write_that_throws_does_not_affect_the_others()
    {
        Task[] writes = [];
        await WhileBusyAsync(() => writes = [WriteAsync("a"), FailAsync("half"), WriteAsync("b"), FailAsync("half too"), WriteAsync("c")]);

        foreach (var failed in new[] { writes[1], writes[3] })
        {
            await FluentActions.Awaiting(() => failed).Should().ThrowAsync<InvalidDataException>();
        }

        await Task.WhenAll(writes[0], writes[2], writes[4]);
        Stored().Should().Equal("a", "b", "c");
    }

    [Test]
    public async Task A_write_whose_commit_fails_does_not_affect_the_others()
    {
        Task[] writes = [];
        await WhileBusyAsync(() => writes = [WriteAsync("a"), WriteForUnknownUserAsync(), WriteAsync("b")]);

        (await FluentActions.Awaiting(() => writes[1]).Should().ThrowAsync<SqliteException>())
            .Which.SqliteErrorCode.Should().Be(19, "the foreign key is checked at the commit");
        await Task.WhenAll(writes[0], writes[2]);
        Stored().Should().Equal("a", "b");
    }

    [Test]
    public async Task Writes_fail_together_if_their_transaction_cannot_begin()
    {
        var attempts = 0;
        var (a, b) = (new PendingWrite<int>(static _ => 1, default), new PendingWrite<int>(static _ => 2, default));

        GroupCommit.Run([a, b], _ =>
        {
            attempts++;
            throw new SqliteException("database is locked", 5);
        });

        foreach (var write in new[] { a, b })
        {
            (await FluentActions.Awaiting(() => write.Result).Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(5);
        }

        attempts.Should().Be(1, "the writes wait for the lock together");
    }

    [Test]
    public async Task A_canceled_write_leaves_the_group()
    {
        using var cancellation = new CancellationTokenSource();
        Task[] writes = [];
        await WhileBusyAsync(() =>
        {
            writes = [WriteAsync("a"), WriteAsync("canceled", cancellation.Token), WriteAsync("b")];
            cancellation.Cancel();
            writes[1].IsCanceled.Should().BeTrue();
        });

        await Task.WhenAll(writes[0], writes[2]);

        _ran.Should().Equal("a", "b");
        Stored().Should().Equal("a", "b");
    }

    [Test]
    public async Task Commands_of_one_user_in_a_group_follow_each_other()
    {
        var ada = UserId.Create("ada");
        await _store.Credits.ApplyAsync(new CreditCommand.Initialize(ada), CancellationToken.None);
        Task<CreditCommandResult>[] commands = [];
        await WhileBusyAsync(() => commands =
        [
            ConsumeAsync(60, "first"),
            ConsumeAsync(60, "second"),
            ConsumeAsync(60, "first"),
            ConsumeAsync(40, "third"),
        ]);

        var results = await Task.WhenAll(commands);

        results.Select(static result => result.Status).Should().Equal(
            CreditCommandStatus.Done, CreditCommandStatus.Insufficient, CreditCommandStatus.Done, CreditCommandStatus.Done);
        results[2].Replayed.Should().BeTrue();
        results.Select(static result => result.Balance!.Available).Should().Equal(40, 40, 40, 0);
        (await _store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();

        Task<CreditCommandResult> ConsumeAsync(long amount, string key) => _store.Credits
            .ApplyAsync(new CreditCommand.Consume(ada, amount, IdempotencyKey.Create(key)), CancellationToken.None).AsTask();
    }

    [Test]
    public async Task All_of_many_concurrent_writes_are_stored()
    {
        var names = Enumerable.Range(0, 1000).Select(static number => $"{number:000}").ToArray();

        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (name, token) => await WriteAsync(name, token));

        Stored().Should().Equal(names);
    }

    // Runs an action while a write has the connection, so that the writes of the action wait together.
    private async Task WhileBusyAsync(Action action)
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var busy = Task.Run(async () => await Database.WriteAsync(
            _ =>
            {
                entered.Set();
                leave.Wait();
                return 0;
            },
            CancellationToken.None));
        entered.Wait();
        action();
        leave.Set();
        await busy;
    }

    private Task<int> WriteAsync(string name, CancellationToken cancellationToken = default) => Database.WriteAsync(
        connection =>
        {
            lock (_ran)
            {
                _ran.Add(name);
            }

            return connection.Execute(Mark, ("$user", "ada"), ("$name", name));
        },
        cancellationToken).AsTask();

    private Task<int> FailAsync(string name) => Database.WriteAsync<int>(
        connection =>
        {
            connection.Execute(Mark, ("$user", "ada"), ("$name", name));
            throw new InvalidDataException("half way");
        },
        CancellationToken.None).AsTask();

    private Task<int> WriteForUnknownUserAsync() => Database.WriteAsync(
        connection => connection.Execute(
            """
            insert into credit_ledger (user_id, version, kind, amount, held_delta, balance_after, held_after, created_at)
            values ('nobody', 1, 'init', 0, 0, 0, 0, 0)
            """),
        CancellationToken.None).AsTask();

    private List<string> Stored() => Database.Read(static connection =>
    {
        var names = new List<string>();
        using var rows = connection.Query("select name from stored_files order by name");
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    });
}
