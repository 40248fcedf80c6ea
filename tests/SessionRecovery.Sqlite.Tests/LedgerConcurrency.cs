using CsCheck;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Runs random commands of one user on several threads, and checks that the results are linearizable: some order of the commands, in which
/// each thread keeps its own order, has the same results in the model.
/// </summary>
[TestFixture]
public sealed class LedgerConcurrency
{
    private static readonly Gen<LedgerStep> AnyCommand = LedgerSteps.Any
        .Where(static step => step.Operation is not (LedgerOperation.Wait or LedgerOperation.Read))
        .Select(static step => step with { User = "ada" });

    [Test]
    public async Task Concurrent_commands_have_the_results_of_some_order()
    {
        using var folder = TemporaryFolder.CreateInMemory();
        var clock = new FakeTimeProvider();
        await using var store = await StartedStore.StartAsync(folder.ConnectionString, clock);
        var runs = 0;
        Gen.Select(AnyCommand.Array[0, 12], AnyCommand.Array[1, 4].Array[2, 3]).Sample(
            (before, threads) =>
            {
                var run = new LedgerRun(store, clock, $"-{++runs}");
                RunAsync(run, before, threads, clock.GetUtcNow()).GetAwaiter().GetResult();
            },
            iter: 1000,
            threads: 1);

        (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
    }

    private static async Task RunAsync(LedgerRun run, LedgerStep[] before, LedgerStep[][] threads, DateTimeOffset now)
    {
        await run.ApplyAsync(before, () => Task.FromResult(run.Store));
        var calls = threads.Select(steps => steps.Select(step => new Call(step, run.CreateCommand(step))).Where(IsPrepared).ToArray())
            .ToArray();
        using var start = new Barrier(calls.Length);
        await Task.WhenAll(calls.Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                foreach (var call in thread)
                {
                    call.ApplyAsync(run.Store.Credits).GetAwaiter().GetResult();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        HasOrder(() => run.CreateModel("ada"), calls, [], now).Should().BeTrue(
            "no order explains {0}", string.Join(" | ", calls.Select(thread => string.Join(", ", thread.Select(call => call.Result)))));
    }

    // A command cannot name a reservation or a charge that a concurrent command creates.
    private static bool IsPrepared(Call call) => call.Command switch
    {
        CreditCommand.Refund refund => refund.EntryId != long.MaxValue,
        CreditCommand.Renew renew => renew.ReservationId != Guid.Empty,
        CreditCommand.Capture capture => capture.ReservationId != Guid.Empty,
        CreditCommand.Settle settle => settle.ReservationId != Guid.Empty,
        CreditCommand.Release release => release.ReservationId != Guid.Empty,
        _ => true,
    };

    private static bool HasOrder(Func<LedgerModel> createModel, Call[][] threads, List<Call> order, DateTimeOffset now)
    {
        if (order.Count == threads.Sum(static thread => thread.Length))
        {
            return true;
        }

        foreach (var next in threads.Select(thread => thread.FirstOrDefault(call => !order.Contains(call))).OfType<Call>())
        {
            var model = createModel();
            order.ForEach(call => call.ApplyTo(model, now));
            if (next.ApplyTo(model, now) == next.Result)
            {
                order.Add(next);
                if (HasOrder(createModel, threads, order, now))
                {
                    return true;
                }

                order.RemoveAt(order.Count - 1);
            }
        }

        return false;
    }

    /// <summary>Represents one command of a thread and its result.</summary>
    private sealed class Call(LedgerStep step, (CreditCommand Command, int Attempt) prepared)
    {
        public CreditCommand Command => prepared.Command;

        public LedgerModel.ModelResult? Result { get; private set; }

        public async Task ApplyAsync(ICreditStore store) =>
            Result = LedgerModel.ModelResult.Of(await store.ApplyAsync(Command, CancellationToken.None));

        public LedgerModel.ModelResult ApplyTo(LedgerModel model, DateTimeOffset now) => step.ApplyTo(model, prepared.Attempt, now);
    }
}
