using CsCheck;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Random commands, time jumps and restarts. Store and model return the same results, and the audit finds no fault.</summary>
[TestFixture]
public sealed class LedgerProperties
{
    private static readonly string[] Users = ["ada", "bob"];
    private static readonly string[] Keys = ["a", "b", "c"];
    private static readonly long[] Amounts = [1, 40, 70];
    private static readonly Guid?[] Runners = [null, new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8])];

    private static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.Frequency(
            (2, Gen.Const(Deed.Initialize)),
            (5, Gen.Const(Deed.Consume)),
            (8, Gen.Const(Deed.Reserve)),
            (4, Gen.Const(Deed.Extend)),
            (6, Gen.Const(Deed.Capture)),
            (4, Gen.Const(Deed.Release)),
            (3, Gen.Const(Deed.Read)),
            (6, Gen.Const(Deed.Wait)),
            (1, Gen.Const(Deed.Reopen))),
        Pick(Users),
        Pick(Keys),
        Pick(Amounts),
        Gen.Int[0, Runners.Length - 1],
        Gen.Int[0, 2],
        Gen.Int[1, 12],
        (deed, user, key, amount, leaseOwner, older, seconds) => new Step(deed, user, key, amount, leaseOwner, older, seconds));

    [Test]
    public void Command_sequences_match_the_model_and_keep_the_ledger_consistent()
    {
        var runs = 0;
        AnyStep.Array[1, 80].Sample(
            steps =>
            {
                runs++;
                Run(steps).GetAwaiter().GetResult();
            },
            time: 4,
            threads: 1);
        TestContext.Out.WriteLine($"{runs} sequences");
    }

    private static Gen<T> Pick<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static async Task Run(Step[] steps)
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider();
        var store = await StartedStore.StartAsync(folder.ConnectionString, clock);
        try
        {
            var models = Users.ToDictionary(user => user, _ => new LedgerModel());
            var holds = new Dictionary<(string User, string Key), CreditCommandResult>();
            foreach (var step in steps)
            {
                switch (step.Deed)
                {
                    case Deed.Wait:
                        clock.Advance(TimeSpan.FromSeconds(step.Seconds));
                        break;
                    case Deed.Reopen:
                        await store.DisposeAsync();
                        store = await StartedStore.StartAsync(folder.ConnectionString, clock);
                        models.Values.ToList().ForEach(model => model.Reopen(clock.GetUtcNow()));
                        break;
                    case Deed.Read:
                        await ShouldRead(store.Credits, step.User, models[step.User].Read(clock.GetUtcNow()));
                        break;
                    default:
                        await ShouldApply(store.Credits, step, models[step.User], holds, clock.GetUtcNow());
                        break;
                }
            }

            foreach (var user in Users)
            {
                await ShouldRead(store.Credits, user, models[user].Read(clock.GetUtcNow()));
            }

            (await store.Audit.AuditAsync(CancellationToken.None)).Should().BeEmpty();
        }
        finally
        {
            await store.DisposeAsync();
        }
    }

    private static async Task ShouldApply(ICreditStore store, Step step, LedgerModel model, Dictionary<(string User, string Key),
        CreditCommandResult> holds, DateTimeOffset now)
    {
        var user = UserId.Create(step.User);
        var key = IdempotencyKey.Create(step.Key);
        var lifetime = TimeSpan.FromSeconds(step.Seconds);
        var hold = holds.GetValueOrDefault((step.User, step.Key));
        var id = hold?.ReservationId ?? Guid.Empty;
        var attempt = Math.Max(1, (hold?.Attempt ?? 1) + 1 - step.Older);
        var (command, expected) = step.Deed switch
        {
            Deed.Initialize => ((CreditCommand)new CreditCommand.Initialize(user), model.Initialize(now)),
            Deed.Consume => (new CreditCommand.Consume(user, step.Amount, key), model.Consume(step.Key, step.Amount, now)),
            Deed.Reserve => (new CreditCommand.Reserve(user, step.Amount, key, lifetime, leaseOwner: Runners[step.LeaseOwner]),
                model.Reserve(step.Key, step.Amount, Runners[step.LeaseOwner], lifetime, now)),
            Deed.Extend => (new CreditCommand.Renew(user, id, attempt, lifetime), model.Extend(step.Key, attempt, lifetime, now)),
            Deed.Capture => (new CreditCommand.Capture(user, id, attempt), model.Capture(step.Key, attempt, now)),
            Deed.Release => (new CreditCommand.Release(user, id, attempt), model.Release(step.Key, attempt, now)),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };

        var outcome = await store.ApplyAsync(command, CancellationToken.None);

        LedgerModel.Answer.Of(outcome).Should().Be(expected);
        if (step.Deed == Deed.Reserve && outcome.ReservationId is not null)
        {
            holds[(step.User, step.Key)] = outcome;
        }
    }

    private static async Task ShouldRead(ICreditStore store, string user, LedgerModel.Answer? expected)
    {
        var reading = await store.ReadAsync(new UserSession(UserId.Create(user)), CancellationToken.None);

        reading.Status.Should().Be(expected is null ? CreditReadStatus.NotFound : CreditReadStatus.Current);
        (reading.Balance is { } balance ? LedgerModel.Answer.Of(balance) : null).Should().Be(expected);
    }

    internal enum Deed
    {
        Initialize,
        Consume,
        Reserve,
        Extend,
        Capture,
        Release,
        Read,
        Wait,
        Reopen,
    }

    /// <summary>One step. <paramref name="Older"/> selects the next, the current or the previous attempt.</summary>
    internal sealed record Step(Deed Deed, string User, string Key, long Amount, int LeaseOwner, int Older, int Seconds);
}
