using System.Diagnostics;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Health.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using TestRequirements;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the health probe while the database can be read but not written.</summary>
[TestFixture]
public sealed class WriteCheckTests
{
    private static readonly UserSession Ada = new(UserId.Create("ada"));

    private readonly CollectedLogs _logs = new();

    [Test]
    public async Task A_read_only_database_is_inconclusive_and_commands_are_busy()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StartedStore.StartAsync(folder.ConnectionString, logs: _logs);
        var database = store.Get<SqliteDatabase>();
        await store.Credits.ApplyAsync(new CreditCommand.Initialize(Ada.User), CancellationToken.None);
        (await Probe(database)).Should().Be(ProbeResult.Healthy());
        await database.WriteAsync(connection => connection.Execute("pragma query_only = on"), CancellationToken.None);

        (await Probe(database)).Should().Be(ProbeResult.Inconclusive("store_read_only"));
        (await Probe(database)).Should().Be(ProbeResult.Inconclusive("store_read_only"));

        var consume = new CreditCommand.Consume(Ada.User, 1, IdempotencyKey.Create("k"));
        (await store.Credits.ApplyAsync(consume, CancellationToken.None)).Should().Be(CreditCommandResult.Busy);
        _logs.Entries.Should().ContainSingle(entry => entry.Event == "SqliteWriteCheckFailed").Which.Message
            .Should().Be("The credit database credits.db cannot be written (SQLite error 8, extended 8).");
        _logs.Entries.Should().ContainSingle(entry => entry.Event == "SqliteCommandNotApplied" && entry.Level == LogLevel.Warning);
    }

    [Test]
    [Platform("Linux")]
    public async Task A_full_disk_is_inconclusive()
    {
        using var folder = new TemporaryFolder();
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        Requirement.Met(
            Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk) == 0 ? null : "The process may not mount a file system.");
        try
        {
            await using var store = await StartedStore.StartAsync($"Data Source={disk}/credits.db");
            await store.Credits.ApplyAsync(new CreditCommand.Initialize(Ada.User), CancellationToken.None);
            var database = store.Get<SqliteDatabase>();
            (await Probe(database)).Should().Be(ProbeResult.Healthy());
            Fill(Path.Combine(disk, "fill"));

            (await Probe(database)).Should().Be(ProbeResult.Inconclusive("store_disk_full"));

            File.Delete(Path.Combine(disk, "fill"));
            (await Probe(database)).Should().Be(ProbeResult.Healthy());
            (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Test]
    public async Task Any_number_of_probes_write_once_per_interval()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var store = await StartedStore.StartAsync(
            folder.ConnectionString, clock, minRefreshInterval: TimeSpan.FromSeconds(1));
        var database = store.Get<SqliteDatabase>();
        var checks = new HashSet<long>();

        for (var tenth = 0; tenth < 30; tenth++)
        {
            (await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Probe(database)))).Should().AllBeEquivalentTo(ProbeResult.Healthy());
            checks.Add(database.Read(static connection => (long)connection.Scalar("select checked_at from settings")!));
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        checks.Should().HaveCount(3);
    }

    private static async Task<ProbeResult> Probe(SqliteDatabase database) =>
        await new StoreProbe(database).ProbeAsync(Ada, CancellationToken.None);

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // The write fails because the disk is full.
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
