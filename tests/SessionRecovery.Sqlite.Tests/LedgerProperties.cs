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
    private static readonly string[] Users = ["ada", "bob"];
    private static readonly string[] Keys = ["a", "b", "c", "d"];
    private static readonly long[] Amounts = [1, 40, 70];
    private static readonly long[] SettledAmounts = [0, 1, 39, 40, 70];
    private static readonly Guid?[] LeaseOwners = [null, new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8])];

    // No deadline, the time of the command itself, which is in time, and a deadline that has passed.
    private static readonly Gen<TimeSpan?> AnyDeadline = Gen.Int[0, 9].Select(static number => number switch
    {
        < 5 => (TimeSpan?)null,
        < 9 => TimeSpan.Zero,
        _ => TimeSpan.FromTicks(-1),
    });

    private static readonly Gen<LedgerOperation> AnyOperation = Gen.Frequency(
        (2, Gen.Const(LedgerOperation.Initialize)),
        (5, Gen.Const(LedgerOperation.Consume)),
        (3, Gen.Const(LedgerOperation.Grant)),
        (5, Gen.Const(LedgerOperation.Refund)),
        (2, Gen.Const(LedgerOperation.Adjust)),
        (8, Gen.Const(LedgerOperation.Reserve)),
        (4, Gen.Const(LedgerOperation.Renew)),
        (5, Gen.Const(LedgerOperation.Capture)),
        (6, Gen.Const(LedgerOperation.Settle)),
        (4, Gen.Const(LedgerOperation.Release)),
        (3, Gen.Const(LedgerOperation.Read)),
        (6, Gen.Const(LedgerOperation.Wait)));

    /// <summary>
    /// Gets the number of sequences without restarts. The environment variable <c>LEDGER_SEQUENCES</c> overrides the default.
    /// </summary>
    private static int Sequences =>
        int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEQUENCES"), CultureInfo.InvariantCulture, out var count) ? count : 10_000;

    [Test]
    public void Command_sequences_match_the_model_and_keep_the_ledger_consistent()
    {
        var runs = 0;
        var operations = Gen.Frequency((53, AnyOperation), (1, Gen.Const(LedgerOperation.Reopen)));
        CreateStep(operations).Array[1, 80].Sample(
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
            CreateStep(AnyOperation).Array[1, 80].Sample(
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

    private static Gen<LedgerStep> CreateStep(Gen<LedgerOperation> operations) => Gen.Select(
        operations,
        Pick(Users),
        Gen.Select(Pick(Keys), Pick(Keys)),
        Gen.Select(Pick(Amounts), Pick(SettledAmounts)),
        Gen.Select(Pick(LeaseOwners), AnyDeadline),
        Gen.Int[0, 2],
        Gen.Int[1, 12],
        (operation, user, keys, amounts, sender, older, seconds) => new LedgerStep(
            operation, user, keys.Item1, keys.Item2, amounts.Item1, amounts.Item2, sender.Item1, sender.Item2, older, seconds));

    private static Gen<T> Pick<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

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
