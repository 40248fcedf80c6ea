using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Applies a sequence of steps to a store and to the model, and checks that both return the same results. Several runs can use one store,
/// because each run has its own users.
/// </summary>
internal sealed class LedgerRun(StartedStore store, FakeTimeProvider clock, string userSuffix)
{
    private readonly Dictionary<string, LedgerModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string User, string Key), CreditCommandResult> _reservations = [];
    private readonly Dictionary<(string User, string Key), long> _charges = [];
    private readonly List<(LedgerStep Step, int Attempt)> _applied = [];

    public StartedStore Store { get; private set; } = store;

    public async Task ApplyAsync(LedgerStep[] steps, Func<Task<StartedStore>> reopen)
    {
        foreach (var step in steps)
        {
            switch (step.Operation)
            {
                case LedgerOperation.Wait:
                    clock.Advance(step.Lifetime);
                    break;
                case LedgerOperation.Reopen:
                    Store = await reopen();
                    _models.Values.ToList().ForEach(model => model.Reopen(clock.GetUtcNow()));
                    break;
                case LedgerOperation.Read:
                    await ShouldReadAsync(step.User);
                    break;
                default:
                    await ShouldApplyAsync(step);
                    break;
            }
        }

        foreach (var user in _models.Keys)
        {
            await ShouldReadAsync(user);
        }
    }

    /// <summary>Creates the command of a step, which uses the reservations and the charges of the steps before.</summary>
    public (CreditCommand Command, int Attempt) CreateCommand(LedgerStep step)
    {
        var reservation = _reservations.GetValueOrDefault((step.User, step.Key));
        var attempt = Math.Max(1, (reservation?.Attempt ?? 1) + 1 - step.Older);
        var charge = _charges.GetValueOrDefault((step.User, step.Charge), long.MaxValue);
        var command = step.CreateCommand(GetUser(step.User), reservation?.ReservationId ?? Guid.Empty, attempt, charge);
        return (command with { Deadline = clock.GetUtcNow() + step.Deadline }, attempt);
    }

    /// <summary>Creates a model of a user after all steps. The time must not have advanced during the steps.</summary>
    public LedgerModel CreateModel(string user)
    {
        var model = new LedgerModel();
        foreach (var (step, attempt) in _applied.Where(applied => applied.Step.User == user))
        {
            step.ApplyTo(model, attempt, clock.GetUtcNow());
        }

        return model;
    }

    private async Task ShouldApplyAsync(LedgerStep step)
    {
        var (command, attempt) = CreateCommand(step);
        var expected = step.ApplyTo(GetModel(step.User), attempt, clock.GetUtcNow());
        _applied.Add((step, attempt));

        var result = await Store.Credits.ApplyAsync(command, CancellationToken.None);

        ShouldBe(LedgerModel.ModelResult.Of(result), expected);
        if (step.Operation == LedgerOperation.Reserve && result.ReservationId is not null)
        {
            _reservations[(step.User, step.Key)] = result;
        }

        if (step.Operation is LedgerOperation.Consume or LedgerOperation.Capture or LedgerOperation.Settle && result.EntryId is { } entry)
        {
            _charges[(step.User, step.Key)] = entry;
        }
    }

    private async Task ShouldReadAsync(string user)
    {
        var expected = GetModel(user).Read(clock.GetUtcNow());

        var result = await Store.Credits.ReadAsync(new UserSession(GetUser(user)), CancellationToken.None);

        result.Status.Should().Be(expected is null ? CreditReadStatus.NotFound : CreditReadStatus.Current);
        ShouldBe(result.Balance is { } balance ? LedgerModel.ModelResult.Of(balance) : null, expected);
    }

    // The records are compared before an assertion is created, because an assertion takes longer than a command.
    private static void ShouldBe(LedgerModel.ModelResult? actual, LedgerModel.ModelResult? expected)
    {
        if (actual != expected)
        {
            actual.Should().Be(expected);
        }
    }

    private LedgerModel GetModel(string user)
    {
        if (!_models.TryGetValue(user, out var model))
        {
            _models.Add(user, model = new LedgerModel());
        }

        return model;
    }

    private UserId GetUser(string name) => UserId.Create(name + userSuffix);
}
