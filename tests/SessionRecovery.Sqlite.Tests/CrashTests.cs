using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests that kill a process with SIGKILL while it charges credits, and then check the database file.</summary>
[TestFixture]
public sealed class CrashTests
{
    private const int Rounds = 4;
    private const long Initial = 1_000_000;

    private static readonly UserId Ada = UserId.Create("ada");

    [Test]
    public async Task A_killed_process_neither_loses_nor_repeats_acknowledged_debits()
    {
        using var folder = new TemporaryFolder();
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var tried = new List<string>();
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            using var child = Spender.Start(folder, $"round{round}");
            var lines = await child.KillAfterAsync(acknowledgements: random.Next(1, 120));

            lines.Should().NotContain(line => line.StartsWith("bad ", StringComparison.Ordinal));
            tried.AddRange(lines.Where(line => line.StartsWith("try ", StringComparison.Ordinal)).Select(line => line[4..]));
            acknowledged.UnionWith(lines.Where(line => line.StartsWith("ack ", StringComparison.Ordinal)).Select(line => line[4..]));
        }

        acknowledged.Should().HaveCountGreaterThanOrEqualTo(Rounds);
        await using var store = await StartedStore.StartAsync(folder.ConnectionString);
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        foreach (var key in tried)
        {
            var repeat =
                await store.Credits.ApplyAsync(new CreditCommand.Consume(Ada, 1, IdempotencyKey.Create(key)), CancellationToken.None);
            repeat.Status.Should().Be(CreditCommandStatus.Done);
            (repeat.Replayed || !acknowledged.Contains(key)).Should().BeTrue("the file must contain every acknowledged charge ({0})", key);
        }

        var balance = (await store.Credits.ReadAsync(new UserSession(Ada), CancellationToken.None)).Balance!;
        balance.Held.Should().Be(7 * Rounds, "reservations of host code survive a crash, and reservations of requests are released");
        balance.Available.Should().Be(Initial - tried.Count - balance.Held, "every intended charge was applied once");
        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task A_file_is_locked_until_its_process_exits()
    {
        using var folder = new TemporaryFolder();
        using var child = Spender.Start(folder, "owner");
        await child.ReadAcknowledgementsAsync(1);

        var second = () => StartedStore.StartAsync(folder.ConnectionString, configure: options => options.OwnerLockTimeout = TimeSpan.Zero);

        (await second.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*credits.db' is in use by another process; *");
        await child.KillAfterAsync(acknowledgements: 1);
        await using var next =
            await StartedStore.StartAsync(folder.ConnectionString, configure: options => options.OwnerLockTimeout = TimeSpan.Zero);
        (await next.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    /// <summary>Runs Program.cs of this project as a child process that spends credits.</summary>
    private sealed class Spender : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = [];

        private Spender(Process process) => _process = process;

        public static Spender Start(TemporaryFolder folder, string name)
        {
            var start =
                new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
            foreach (var argument in new[] { "exec", typeof(Spender).Assembly.Location, folder.ConnectionString, name })
            {
                start.ArgumentList.Add(argument);
            }

            return new Spender(Process.Start(start)!);
        }

        public async Task ReadAcknowledgementsAsync(int count)
        {
            while (count > 0)
            {
                var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60))
                    ?? throw new InvalidOperationException("The child process ended by itself.");
                _lines.Add(line);
                count -= line.StartsWith("ack ", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        /// <summary>Kills the child process and returns the complete lines of its output.</summary>
        public async Task<IReadOnlyList<string>> KillAfterAsync(int acknowledgements)
        {
            await ReadAcknowledgementsAsync(acknowledgements);
            _process.Kill();
            var rest = await _process.StandardOutput.ReadToEndAsync();
            await _process.WaitForExitAsync();
            _lines.AddRange(rest.Split('\n')[..^1]);
            return _lines;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process.Dispose();
        }
    }
}
