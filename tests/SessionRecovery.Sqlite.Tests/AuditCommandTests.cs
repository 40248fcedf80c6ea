using System.Diagnostics;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the command <c>RestartDrill --audit</c> on a database that is in use.</summary>
[TestFixture]
public sealed class AuditCommandTests
{
    private static readonly UserId Ada = UserId.Create("ada");

    private TemporaryFolder _folder = null!;
    private StartedStore _store = null!;

    [SetUp]
    public async Task Fill_a_store()
    {
        _folder = new TemporaryFolder();
        _store = await StartedStore.StartAsync(_folder.ConnectionString);
        await Apply(new CreditCommand.Grant(Ada, 50, IdempotencyKey.Create("payment-4711"), "50 credits"));
        await Apply(new CreditCommand.Adjust(Ada, -5, IdempotencyKey.Create("ticket-1"), "eve", "correction"));
        await Apply(new CreditCommand.Reserve(Ada, 5, IdempotencyKey.Create("job"), TimeSpan.FromHours(1), leaseOwner: Guid.NewGuid()));
        await Apply(new CreditCommand.Initialize(UserId.Create("bob")));
    }

    [TearDown]
    public async Task Remove_the_store()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task It_prints_the_statement_and_changes_nothing()
    {
        var (exitCode, lines) = await RunAsync("--user", "ada");

        exitCode.Should().Be(0, string.Join('\n', lines));
        lines[0].Should().Contain("ada");
        lines.Skip(2).Take(4).Should().SatisfyRespectively(
            line => line.Should().MatchRegex("^ +4 .* hold +0 +5 +145$"),
            line => line.Should().MatchRegex("^ +3 .* adjust +-5 +0 +145  eve: correction$"),
            line => line.Should().MatchRegex("^ +2 .* grant +50 +0 +150  50 credits$"),
            line => line.Should().MatchRegex("^ +1 .* init +100 +0 +100$"));
        lines[^1].Should().Be("No faults.");
        lines.Should().NotContain(line => line.Contains("payment-4711", StringComparison.Ordinal));
        var balance = (await _store.Credits.ReadAsync(new UserSession(Ada), CancellationToken.None)).Balance!;
        (balance.Available, balance.Held, balance.Version).Should().Be((140, 5, 4), "the reservation of a running request stays open");
    }

    [Test]
    public async Task It_prints_every_fault_and_the_latest_user()
    {
        StartedStore.ExecuteRawSql(
            _folder.ConnectionString,
            "drop trigger user_credits_record_update; update user_credits set credits = credits + 1 where user_id = 'ada'");

        var (exitCode, lines) = await RunAsync();

        exitCode.Should().Be(1);
        lines[0].Should().Contain("bob");
        lines[^2..].Should().Equal("fault: Credits differ from the sum of the ledger (violations: 1; first user: ada).", "Faults: 1.");
    }

    [Test]
    public async Task It_says_that_a_user_is_unknown()
    {
        var (exitCode, lines) = await RunAsync("--user", "eve");

        exitCode.Should().Be(0);
        lines.Should().Equal("The ledger has no entries of the user eve.", "No faults.");
    }

    [Test]
    public async Task It_leaves_no_files_beside_a_database_that_is_not_in_use()
    {
        await _store.StopAsync();
        var before = _folder.Names();

        var (exitCode, lines) = await RunAsync();

        exitCode.Should().Be(0, string.Join('\n', lines));
        _folder.Names().Should().Equal(before).And.NotContain("credits.db-wal");
    }

    [TestCase("link.db")]
    [TestCase("%41.db")]
    [TestCase("a b#c?d+é.db")]
    public async Task It_reads_the_log_of_a_database_with_any_name(string name)
    {
        await _store.StopAsync();
        var path = _folder.File(name);
        if (name == "link.db")
        {
            File.CreateSymbolicLink(path, _folder.Database);
        }
        else
        {
            File.Move(_folder.Database, path);
        }

        using var changes = new SqliteConnection($"Data Source={path};Pooling=False");
        changes.Open();
        using var change = changes.CreateCommand();
        change.CommandText = "drop trigger user_credits_record_update; update user_credits set credits = 7 where user_id = 'ada'";
        change.ExecuteNonQuery();

        var (exitCode, lines) = await RunAsync(path, []);

        exitCode.Should().Be(1, string.Join('\n', lines));
        lines[^1].Should().Be("Faults: 1.");
    }

    [Test]
    public async Task It_reports_a_missing_table_as_a_fault()
    {
        await _store.StopAsync();
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma foreign_keys = off; drop table user_credits");

        (await RunAsync()).ExitCode.Should().Be(1);
    }

    [Test]
    public async Task It_reports_a_damaged_file_as_a_fault()
    {
        await _store.StopAsync();
        await using (var file = File.OpenWrite(_folder.Database))
        {
            file.SetLength(file.Length / 2);
        }

        var (exitCode, lines) = await RunAsync();

        exitCode.Should().Be(1, string.Join('\n', lines));
        lines.Should().Contain(line => line.StartsWith("fault: ", StringComparison.Ordinal));
    }

    [TestCase("--kills", "5")]
    [TestCase("--supabase")]
    public async Task It_cannot_be_combined_with_options_of_a_drill(params string[] options)
    {
        var (exitCode, lines) = await RunAsync(options);

        exitCode.Should().Be(64);
        lines.Should().Equal($"--audit runs no drill and cannot be combined with {options[0]}.");
    }

    [Test]
    public async Task It_rejects_a_database_of_another_program()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma application_id = 1");

        var (exitCode, lines) = await RunAsync();

        exitCode.Should().Be(64);
        lines.Should().ContainSingle().Which.Should().EndWith("is not a database of the embedded store.");
    }

    [Test]
    public async Task It_rejects_a_database_of_a_newer_release()
    {
        StartedStore.ExecuteRawSql(_folder.ConnectionString, "pragma user_version = 99");

        var (exitCode, lines) = await RunAsync();

        exitCode.Should().Be(64);
        lines.Should().ContainSingle(line => line.StartsWith($"The audit did not run: The credit database '{_folder.Database}' has schema "
            + "version 99", StringComparison.Ordinal));
    }

    private Task<(int ExitCode, string[] Lines)> RunAsync(params string[] arguments) => RunAsync(_folder.Database, arguments);

    private static async Task<(int ExitCode, string[] Lines)> RunAsync(string database, string[] arguments)
    {
        // The test runs in bin/<configuration>/<framework>, as the program does.
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "samples", "RestartDrill", "bin", output.Parent.Name, output.Name, "RestartDrill.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--audit", database, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (await error + text).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task Apply(CreditCommand command) =>
        (await _store.Credits.ApplyAsync(command, CancellationToken.None)).Status.Should().Be(CreditCommandStatus.Done);
}
