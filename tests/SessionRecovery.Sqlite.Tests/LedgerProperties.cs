using CsCheck;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

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
    private static readonly Guid?[] LeaseOwners = [null, new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8])];

    private static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.Frequency(
            (2, Gen.Const(Operation.Initialize)),
            (5, Gen.Const(Operation.Consume)),
            (3, Gen.Const(Operation.Grant)),
            (5, Gen.Const(Operation.Refund)),
            (2, Gen.Const(Operation.Adjust)),
            (8, Gen.Const(Operation.Reserve)),
            (4, Gen.Const(Operation.Renew)),
            (6, Gen.Const(Operation.Capture)),
            (4, Gen.Const(Operation.Release)),
            (3, Gen.Const(Operation.Read)),
            (6, Gen.Const(Operation.Wait)),
            (1, Gen.Const(Operation.Reopen))),
        Pick(Users),
        Pick(Keys),
        Pick(Keys),
        Pick(Amounts),
        Gen.Int[0, LeaseOwners.Length - 1],
        Gen.Int[0, 2],
        Gen.Int[1, 12],
        (deed, user, key, charge, amount, leaseOwner, older, seconds) =>
            new Step(deed, user, key, charge, amount, leaseOwner, older, seconds));

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
            var reservations = new Dictionary<(string User, string Key), CreditCommandResult>();
            var charges = new Dictionary<(string User, string Key), long>();
            foreach (var step in steps)
            {
                switch (step.Operation)
                {
                    case Operation.Wait:
                        clock.Advance(TimeSpan.FromSeconds(step.Seconds));
                        break;
                    case Operation.Reopen:
                        await store.DisposeAsync();
                        store = await StartedStore.StartAsync(folder.ConnectionString, clock);
                        models.Values.ToList().ForEach(model => model.Reopen(clock.GetUtcNow()));
                        break;
                    case Operation.Read:
                        await ShouldRead(store.Credits, step.User, models[step.User].Read(clock.GetUtcNow()));
                        break;
                    default:
                        await ShouldApply(store.Credits, step, models[step.User], reservations, charges, clock.GetUtcNow());
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

    private static async Task ShouldApply(
        ICreditStore store,
        Step step,
        LedgerModel model,
        Dictionary<(string User, string Key), CreditCommandResult> reservations,
        Dictionary<(string User, string Key), long> charges,
        DateTimeOffset now)
    {
        var user = UserId.Create(step.User);
        var key = IdempotencyKey.Create(step.Key);
        var lifetime = TimeSpan.FromSeconds(step.Seconds);
        var reservation = reservations.GetValueOrDefault((step.User, step.Key));
        var id = reservation?.ReservationId ?? Guid.Empty;
        var charge = charges.GetValueOrDefault((step.User, step.Charge), long.MaxValue);
        var change = step.Older == 0 ? step.Amount : -step.Amount;
        long? refund = step.Older == 0 ? null : step.Amount;
        var attempt = Math.Max(1, (reservation?.Attempt ?? 1) + 1 - step.Older);
        var (command, expected) = step.Operation switch
        {
            Operation.Initialize => ((CreditCommand)new CreditCommand.Initialize(user), model.Initialize(now)),
            Operation.Consume => (new CreditCommand.Consume(user, step.Amount, key), model.Consume(step.Key, step.Amount, now)),
            Operation.Grant => (new CreditCommand.Grant(user, step.Amount, key), model.Grant(step.Key, step.Amount, now)),
            Operation.Refund => (new CreditCommand.Refund(user, charge, refund, key), model.Refund(step.Key, step.Charge, refund, now)),
            Operation.Adjust => (new CreditCommand.Adjust(user, change, key, "operator", "test"), model.Adjust(step.Key, change, now)),
            Operation.Reserve => (new CreditCommand.Reserve(user, step.Amount, key, lifetime, leaseOwner: LeaseOwners[step.LeaseOwner]),
                model.Reserve(step.Key, step.Amount, LeaseOwners[step.LeaseOwner], lifetime, now)),
            Operation.Renew => (new CreditCommand.Renew(user, id, attempt, lifetime), model.Renew(step.Key, attempt, lifetime, now)),
            Operation.Capture => (new CreditCommand.Capture(user, id, attempt), model.Capture(step.Key, attempt, now)),
            Operation.Release => (new CreditCommand.Release(user, id, attempt), model.Release(step.Key, attempt, now)),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };

        var result = await store.ApplyAsync(command, CancellationToken.None);

        LedgerModel.ModelResult.Of(result).Should().Be(expected);
        if (step.Operation == Operation.Reserve && result.ReservationId is not null)
        {
            reservations[(step.User, step.Key)] = result;
        }

        if (step.Operation is Operation.Consume or Operation.Capture && result.EntryId is { } entry)
        {
            charges[(step.User, step.Key)] = entry;
        }
    }

    private static async Task ShouldRead(ICreditStore store, string user, LedgerModel.ModelResult? expected)
    {
        var reading = await store.ReadAsync(new UserSession(UserId.Create(user)), CancellationToken.None);

        reading.Status.Should().Be(expected is null ? CreditReadStatus.NotFound : CreditReadStatus.Current);
        (reading.Balance is { } balance ? LedgerModel.ModelResult.Of(balance) : null).Should().Be(expected);
    }

    internal enum Operation
    {
        Initialize,
        Consume,
        Grant,
        Refund,
        Adjust,
        Reserve,
        Renew,
        Capture,
        Release,
        Read,
        Wait,
        Reopen,
    }

    /// <summary>
    /// Represents one random operation. <paramref name="Older"/> selects the next, the current or the previous attempt number, and
    /// whether a refund or an adjustment has its first form.
    /// </summary>
    internal sealed record Step(
        Operation Operation, string User, string Key, string Charge, long Amount, int LeaseOwner, int Older, int Seconds);
}
