using System.Diagnostics;
using System.Globalization;
using CsCheck;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Runs random commands, time jumps and restarts on the SQLite store and on the model. The tests check that both return the same results,
/// and that the audit finds no violation.
/// </summary>
[TestFixture]
public sealed class LedgerProperties
{
    /// <summary>
    /// Gets the number of sequences without restarts. The environment variable <c>LEDGER_SEQUENCES</c> overrides the default.
    /// </summary>
    private static int Sequences =>
        int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEQUENCES"), CultureInfo.InvariantCulture, out var count) ? count : 10_000;

    [Test]
    public void Command_sequences_match_the_model_and_keep_the_ledger_consistent()
    {
        var runs = 0;
        LedgerSteps.WithRestarts.Array[1, 80].Sample(
            steps =>
            {
                runs++;
                RunAloneAsync(steps).GetAwaiter().GetResult();
            },
            time: 4,
            threads: 1);
        TestContext.Out.WriteLine($"{runs} sequences");
    }

    // The sequences of a batch share a store and have different users. Each batch is audited once. After a violation, each sequence runs
    // again in its own store, so that the test names the sequence.
    [Test]
    public async Task Many_sequences_match_the_model_without_restarts()
    {
        const int BatchSize = 500;
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < Sequences; done += BatchSize)
        {
            using var folder = TemporaryFolder.CreateInMemory();
            var clock = new FakeTimeProvider();
            await using var store = await StartedStore.StartAsync(folder.ConnectionString, clock);
            var batch = new List<LedgerStep[]>();
            LedgerSteps.Any.Array[1, 80].Sample(
                steps =>
                {
                    batch.Add(steps);
                    var run = new LedgerRun(store, clock, $"-{batch.Count}");
                    run.ApplyAsync(steps, () => Task.FromResult(store)).GetAwaiter().GetResult();
                },
                iter: Math.Min(BatchSize, Sequences - done),
                threads: 1);
            var faults = await store.Audit.AuditAsync(CancellationToken.None);
            foreach (var steps in faults.Count > 0 ? batch : [])
            {
                await RunAloneAsync(steps);
            }

            faults.Should().BeEmpty();
        }

        TestContext.Out.WriteLine($"{Sequences} sequences in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task RunAloneAsync(LedgerStep[] steps)
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider();
        var run = new LedgerRun(await StartedStore.StartAsync(folder.ConnectionString, clock), clock, userSuffix: string.Empty);
        try
        {
            await run.ApplyAsync(steps, async () =>
            {
                await run.Store.DisposeAsync();
                return await StartedStore.StartAsync(folder.ConnectionString, clock);
            });
            (await run.Store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        }
        finally
        {
            await run.Store.DisposeAsync();
        }
    }
}
