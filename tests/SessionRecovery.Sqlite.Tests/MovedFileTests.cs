using FluentAssertions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Health.Internal;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests that the store notices when a database file is deleted, moved or replaced while the store is open.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "Windows keeps an open file at its path.")]
public sealed class MovedFileTests
{
    private static readonly UserSession Ada = new(UserId.Create("ada"));

    private static readonly Dictionary<string, Action<string>> Accidents = new(StringComparer.Ordinal)
    {
        ["deleted"] = File.Delete,
        ["moved"] = path => File.Move(path, path + ".away"),
        ["replaced by an empty file"] = path =>
        {
            File.Delete(path);
            File.WriteAllBytes(path, []);
        },
        ["replaced by a copy"] = path =>
        {
            File.Copy(path, path + ".copy");
            File.Move(path + ".copy", path, overwrite: true);
        },
    };

    private FakeTimeProvider _clock = null!;
    private CollectedLogs _logs = null!;
    private TemporaryFolder _folder = null!;
    private string _database = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Start_a_store()
    {
        _clock = new FakeTimeProvider();
        _logs = new CollectedLogs();
        _folder = new TemporaryFolder();
        _database = _folder.File("data/credits.db");
        Directory.CreateDirectory(_folder.File("data"));
        _store = await StartedStore.StartAsync($"Data Source={_database}", _clock, logs: _logs);
        await Apply(new CreditCommand.Initialize(Ada.User));
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Nothing_is_acknowledged_after_an_accident_to(string file, string accident)
    {
        Accidents[accident](_database + file);

        await ShouldRefuse(_database + file);
    }

    [Test]
    public async Task A_clean_stop_saves_what_a_deleted_log_contains()
    {
        await Consume("in-the-log");
        File.Delete(_database + "-wal");
        await ShouldRefuse(_database + "-wal");

        await _store.StopAsync();

        await using var next = await StartedStore.StartAsync($"Data Source={_database}", _clock);
        (await next.Credits.ReadAsync(Ada, CancellationToken.None)).Balance!.Available.Should().Be(99);
        (await next.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task Nothing_is_acknowledged_after_the_index_of_the_log_was_deleted()
    {
        File.Delete(_database + "-shm");

        await ShouldRefuse(_database + "-shm");
    }

    [Test]
    public async Task Nothing_is_acknowledged_after_the_database_was_emptied_in_place()
    {
        await using (var file = new FileStream(
            _database, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite }))
        {
            file.SetLength(0);
        }

        await ShouldRefuse(_database);
    }

    [Test]
    public async Task A_renamed_folder_is_noticed_and_the_store_works_again_when_it_is_back()
    {
        Directory.Move(_folder.File("data"), _folder.File("elsewhere"));
        await ShouldRefuse(_database);

        Directory.Move(_folder.File("elsewhere"), _folder.File("data"));
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await Consume("later")).Status.Should().Be(CreditCommandStatus.Done);
        (await Probe()).Should().Be(ProbeResult.Healthy());
        _logs.Entries.Should().ContainSingle(entry => entry.Event == "SqliteFileReturned");
        (await _store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task The_cache_serves_the_last_balance_as_stale()
    {
        var credits = _store.Get<ICreditService>();
        (await credits.ReadAsync(Ada)).Status.Should().Be(CreditReadStatus.Current);
        File.Delete(_database);
        _clock.Advance(TimeSpan.FromMinutes(5));

        var stale = await credits.ReadAsync(Ada);

        stale.Status.Should().Be(CreditReadStatus.Stale);
        stale.Balance!.Available.Should().Be(100);
        _logs.Entries.Should().Contain(entry => entry.Message.Contains("was deleted, moved or replaced", StringComparison.Ordinal)
            && entry.Event != "SqliteFileMoved", "the failed read says why");
    }

    [Test]
    public async Task The_file_is_checked_at_most_once_a_second()
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Consume("checks");
        File.Delete(_database);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        (await Consume("early")).Status.Should().Be(CreditCommandStatus.Done);

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await Consume("late")).Status.Should().Be(CreditCommandStatus.Busy);
    }

    [TestCase(false, TestName = "After_a_deletion_and_a_clean_stop_the_next_start_is_refused")]
    [TestCase(true, TestName = "After_the_file_was_emptied_the_next_start_is_refused")]
    public async Task A_log_without_its_database_is_kept(bool isEmpty)
    {
        File.Delete(_database);
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await Consume("k")).Should().Be(CreditCommandResult.Busy);
        await _store.StopAsync();
        if (isEmpty)
        {
            await File.WriteAllBytesAsync(_database, []);
        }

        var names = Directory.GetFiles(_folder.File("data")).Order(StringComparer.Ordinal).ToArray();
        var log = await File.ReadAllBytesAsync(_database + "-wal");
        log.Should().NotBeEmpty();

        var start = () => StartedStore.StartAsync($"Data Source={_database}", _clock);

        (await start.Should().ThrowAsync<InvalidOperationException>())
            .WithMessage("*credits.db' is missing or empty, but its log '*credits.db-wal' exists; restore the database from a backup, "
                + "or *.");
        (await File.ReadAllBytesAsync(_database + "-wal")).Should().Equal(log);
        Directory.GetFiles(_folder.File("data")).Order(StringComparer.Ordinal).Should().Equal(names);
    }

    [Test]
    public async Task An_empty_log_without_its_database_is_refused()
    {
        await _store.StopAsync();
        File.Delete(_database);
        await File.WriteAllBytesAsync(_database + "-wal", []);

        var start = () => StartedStore.StartAsync($"Data Source={_database}", _clock);

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*is missing or empty, but its log *");
        File.Exists(_database).Should().BeFalse();
    }

    // The owner file is not copied, because .NET cannot copy a locked file.
    private static IEnumerable<object[]> Cases() =>
        from file in new[] { "", "-wal", ".owner" }
        from accident in Accidents.Keys
        where file != ".owner" || accident != "replaced by a copy"
        select new object[] { file, accident };

    private async Task ShouldRefuse(string path)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await Consume("k")).Should().Be(CreditCommandResult.Busy);
        var read = async () => await _store.Credits.ReadAsync(Ada, CancellationToken.None);
        (await read.Should().ThrowAsync<CreditStoreException>()).Which.Message.Should().Contain(path);
        (await Probe()).Should().Be(ProbeResult.Inconclusive("store_file_moved"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await Consume("k")).Should().Be(CreditCommandResult.Busy);
        _logs.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Critical)
            .Which.Message.Should().StartWith(path + " was deleted, moved or replaced while the application uses the credit database");
    }

    private async Task<ProbeResult> Probe() =>
        await new StoreProbe(_store.Get<SqliteDatabase>()).ProbeAsync(Ada, CancellationToken.None);

    private ValueTask<CreditCommandResult> Apply(CreditCommand command) => _store.Credits.ApplyAsync(command, CancellationToken.None);

    private ValueTask<CreditCommandResult> Consume(string key) => Apply(new CreditCommand.Consume(Ada.User, 1, IdempotencyKey.Create(key)));
}
