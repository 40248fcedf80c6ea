using System.Runtime.Versioning;
using System.Security.Cryptography;
using FluentAssertions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.KeyRing;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests that the host does not start with an invalid database file, and that no file is changed.</summary>
[TestFixture]
public sealed class StartUpTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Create_the_folder() => _folder = new TemporaryFolder();

    [TearDown]
    public void Remove_the_folder() => _folder.Dispose();

    [Test]
    public async Task A_new_file_is_created_and_closed_without_leftovers()
    {
        await using (await StartedStore.StartAsync(_folder.ConnectionString))
        {
        }

        _folder.Names().Should().Equal("credits.db", "credits.db.owner");
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task New_files_are_readable_by_their_owner_only()
    {
        await using var store = await StartedStore.StartAsync(_folder.ConnectionString);
        await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);

        _folder.Names().Should().Equal("credits.db", "credits.db-shm", "credits.db-wal", "credits.db.owner");
        _folder.Names().Select(name => File.GetUnixFileMode(_folder.File(name)))
            .Should().AllBeEquivalentTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        store.Get<IKeyRingStore>().FindHazard().Should().BeNull();
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task An_existing_file_keeps_its_mode_and_is_a_hazard()
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        await MakeDatabase();
        File.SetUnixFileMode(_folder.Database, mode);

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString);

        File.GetUnixFileMode(_folder.Database).Should().Be(mode);
        store.Get<IKeyRingStore>().FindHazard().Should().Contain("credits.db, which contains the Data Protection keys");
    }

    [Test]
    public async Task An_empty_file_is_treated_as_new()
    {
        await File.WriteAllBytesAsync(_folder.Database, []);

        await using var store = await StartedStore.StartAsync(_folder.ConnectionString);

        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [TestCase(2, TestName = "A_file_of_two_bytes_is_refused_and_stays")]
    [TestCase(100, TestName = "A_short_file_that_is_no_database_is_refused_and_stays")]
    [TestCase(100_000, TestName = "A_long_file_that_is_no_database_is_refused_and_stays")]
    public async Task A_file_that_is_not_a_database_is_rejected_unchanged(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(_folder.Database, bytes);

        await ShouldRefuse("*credits.db' is corrupt or not a SQLite file; restore it from a backup*");
    }

    [Test]
    public async Task A_database_with_broken_pages_is_rejected_unchanged([Values(4096, 8192, 16384)] int offset)
    {
        await MakeDatabase();
        await using (var file = new FileStream(_folder.Database, FileMode.Open))
        {
            file.Position = offset;
            file.Write(RandomNumberGenerator.GetBytes(4096));
        }

        await ShouldRefuse("*credits.db' is corrupt or not a SQLite file; *");
    }

    [Test]
    public async Task A_truncated_database_is_rejected_unchanged()
    {
        await MakeDatabase();
        await using (var file = new FileStream(_folder.Database, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        await ShouldRefuse("*credits.db' is corrupt or not a SQLite file; *");
    }

    [Test]
    public async Task A_newer_schema_is_rejected_unchanged()
    {
        await MakeDatabase();
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma user_version = 7");

        await ShouldRefuse("*credits.db' has schema version 7, newer than version 6, the latest that this release supports; *");
    }

    [Test]
    public async Task A_file_within_another_process_checkpoint_is_not_corrupt()
    {
        using var torn = new TemporaryFolder();
        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString))
        {
            await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);
            StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma wal_checkpoint(passive)");
            File.Copy(_folder.Database, torn.Database);
            File.Copy(_folder.Database + "-wal", torn.Database + "-wal");
        }

        // In the torn file, the first page, which contains the new length, has been copied from the log. Most other pages have not been
        // copied.
        await using (var file = new FileStream(torn.Database, FileMode.Open))
        {
            file.SetLength(8192);
        }

        await using var next = await StartedStore.StartAsync(torn.ConnectionString);

        (await next.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        (await next.Credits.ReadAsync(new UserSession(UserId.Create("ada")), CancellationToken.None)).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_crashed_newer_release_is_rejected_and_keeps_its_log()
    {
        // The test copies the database file and the write-ahead log of an open store, as a crash would leave them.
        using var crashed = new TemporaryFolder();
        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString))
        {
            await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);
            StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma user_version = 7");
            File.Copy(_folder.Database, crashed.Database);
            File.Copy(_folder.Database + "-wal", crashed.Database + "-wal");
        }

        var file = await File.ReadAllBytesAsync(crashed.Database);
        var log = await File.ReadAllBytesAsync(crashed.Database + "-wal");
        log.Should().NotBeEmpty();

        await ShouldFail(crashed.ConnectionString, "*credits.db' has schema version 7, *");

        (await File.ReadAllBytesAsync(crashed.Database)).Should().Equal(file);
        (await File.ReadAllBytesAsync(crashed.Database + "-wal")).Should().Equal(log);
    }

    [Test]
    public async Task Rows_left_in_the_log_by_a_crash_are_read()
    {
        using var crashed = new TemporaryFolder();
        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString))
        {
            await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);
            File.Copy(_folder.Database, crashed.Database);
            File.Copy(_folder.Database + "-wal", crashed.Database + "-wal");
        }

        await using var next = await StartedStore.StartAsync(crashed.ConnectionString);
        (await next.Credits.ReadAsync(new UserSession(UserId.Create("ada")), CancellationToken.None)).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_database_of_another_program_is_rejected_unchanged()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "create table things (id integer primary key)");

        await ShouldRefuse("*credits.db' belongs to another program; give the credits a file of their own.");
    }

    [Test]
    public async Task An_unopenable_path_is_named_in_the_error()
    {
        await ShouldFail($"Data Source={_folder.File("nowhere/credits.db")}",
            "*nowhere/credits.db' cannot be opened because its folder does not exist; *");
        Directory.CreateDirectory(_folder.Database);
        await ShouldFail(_folder.ConnectionString, "*credits.db' cannot be opened because it is a folder; *");
        Directory.Delete(_folder.Database);
        Directory.CreateDirectory(_folder.File("credits.db.owner"));
        await ShouldFail(_folder.ConnectionString, "*credits.db' cannot be opened; *");
        _folder.Names().Should().Equal("credits.db.owner");
    }

    [TestCase("Data Source=:memory:")]
    [TestCase("Data Source=shared;Mode=Memory;Cache=Shared")]
    [TestCase("Data Source=file::memory:?cache=shared")]
    [TestCase("Data Source=")]
    [TestCase("")]
    public async Task An_in_memory_database_is_rejected(string connectionString) =>
        await ShouldFail(connectionString, "*does not survive a restart; use a file, for example *");

    [TestCase("Data Source=file:credits.db", "*plain path*")]
    [TestCase("Data Source=credits.db;Mode=ReadOnly", "*Mode=ReadOnly*")]
    [TestCase("Host=localhost;Port=5432", "*is invalid*")]
    public async Task An_unusable_connection_string_is_rejected(string connectionString, string message) =>
        await ShouldFail(connectionString, message);

    [Test]
    public async Task A_start_continues_when_its_predecessor_exits()
    {
        var clock = new FakeTimeProvider();
        var predecessor = await StartedStore.StartAsync(_folder.ConnectionString, clock);
        var start = StartedStore.StartAsync(_folder.ConnectionString, clock);
        clock.Advance(TimeSpan.FromSeconds(34));
        start.IsCompleted.Should().BeFalse();

        await predecessor.DisposeAsync();

        await using var store = await Until(start, clock);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task A_start_fails_when_its_predecessor_keeps_running()
    {
        var clock = new FakeTimeProvider();
        await using var predecessor = await StartedStore.StartAsync(_folder.ConnectionString, clock);
        await predecessor.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);

        var start = StartedStore.StartAsync(_folder.ConnectionString, clock);

        var waiting = () => Until(start, clock);
        await waiting.Should().ThrowAsync<InvalidOperationException>().WithMessage("*credits.db' is in use by another process; *");
        clock.GetUtcNow().Should().BeOnOrAfter(clock.Start.AddSeconds(35), "the predecessor may drain for 30 seconds");
        (await predecessor.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty("the predecessor still works");
    }

    [Test]
    public async Task Each_database_has_its_own_lasting_incarnation()
    {
        var incarnations = new List<string?>();
        foreach (var name in new[] { "one.db", "two.db" })
        {
            await using var store = await StartedStore.StartAsync($"Data Source={_folder.File(name)}");
            incarnations.Add((await store.Credits.ApplyAsync(
                new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None)).Balance!.Incarnation);
        }

        incarnations.Should().OnlyHaveUniqueItems();
    }

    [Test]
    public async Task A_new_initial_amount_applies_to_new_accounts_only()
    {
        foreach (var (name, amount) in new[] { ("ada", 100L), ("bob", 0L) })
        {
            await using var store =
                await StartedStore.StartAsync(_folder.ConnectionString, configure: options => options.InitialCredits = amount);
            var outcome = await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create(name)), CancellationToken.None);
            outcome.Balance!.Available.Should().Be(amount);
        }

        await using var last = await StartedStore.StartAsync(_folder.ConnectionString);
        (await last.Credits.ReadAsync(new UserSession(UserId.Create("ada")), CancellationToken.None)).Balance!.Available.Should().Be(100);
        (await last.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task Options_outside_their_range_fail_the_start()
    {
        foreach (var configure in new Action<SqliteStoreOptions>[]
        {
            options => options.InitialCredits = -1,
            options => options.InitialCredits = 1_000_000_001,
            options => options.OwnerLockTimeout = TimeSpan.FromSeconds(-1),
            options => options.BusyTimeout = TimeSpan.FromDays(1),
        })
        {
            var start = () => StartedStore.StartAsync(_folder.ConnectionString, configure: configure);
            await start.Should().ThrowAsync<OptionsValidationException>().WithMessage("SessionRecovery:Sqlite:* is *; valid values are *");
        }

        _folder.Names().Should().BeEmpty();
    }

    private static async Task ShouldFail(string connectionString, string message)
    {
        var start = () => StartedStore.StartAsync(connectionString);
        var exception = (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage(message).Which;
        exception.Message.Should().EndWith(".").And.NotContain("\n");
    }

    private static async Task<StartedStore> Until(Task<StartedStore> start, FakeTimeProvider clock)
    {
        while (!start.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await start;
    }

    private async Task MakeDatabase()
    {
        await using (var store = await StartedStore.StartAsync(_folder.ConnectionString))
        {
            await store.Credits.ApplyAsync(new CreditCommand.Initialize(UserId.Create("ada")), CancellationToken.None);
        }

        File.Delete(_folder.File("credits.db.owner"));
    }

    private async Task ShouldRefuse(string message)
    {
        var before = await File.ReadAllBytesAsync(_folder.Database);

        await ShouldFail(_folder.ConnectionString, message);

        (await File.ReadAllBytesAsync(_folder.Database)).Should().Equal(before);
        _folder.Names().Should().Equal("credits.db");
    }
}
