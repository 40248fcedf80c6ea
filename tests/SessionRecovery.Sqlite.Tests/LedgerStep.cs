using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>
/// Represents one random operation. <paramref name="Older"/> selects the next, the current or the previous attempt number, and whether a
/// refund or an adjustment has its first form.
/// </summary>
internal sealed record LedgerStep(
    LedgerOperation Operation,
    string User,
    string Key,
    string Charge,
    long Amount,
    long Settled,
    Guid? LeaseOwner,
    TimeSpan? Deadline,
    int Older,
    int Seconds)
{
    public bool IsLate => Deadline < TimeSpan.Zero;

    public TimeSpan Lifetime => TimeSpan.FromSeconds(Seconds);

    private long Change => Older == 0 ? Amount : -Amount;

    private long? Refund => Older == 0 ? null : Amount;

    /// <summary>Creates the command of the step.</summary>
    /// <param name="user">The user in the store.</param>
    /// <param name="reservation">The id of the key's reservation.</param>
    /// <param name="attempt">The attempt number.</param>
    /// <param name="charge">The id of the charge that a refund returns.</param>
    public CreditCommand CreateCommand(UserId user, Guid reservation, int attempt, long charge)
    {
        var key = IdempotencyKey.Create(Key);
        return Operation switch
        {
            LedgerOperation.Initialize => new CreditCommand.Initialize(user),
            LedgerOperation.Consume => new CreditCommand.Consume(user, Amount, key),
            LedgerOperation.Grant => new CreditCommand.Grant(user, Amount, key),
            LedgerOperation.Refund => new CreditCommand.Refund(user, charge, Refund, key),
            LedgerOperation.Adjust => new CreditCommand.Adjust(user, Change, key, "operator", "test"),
            LedgerOperation.Reserve => new CreditCommand.Reserve(user, Amount, key, Lifetime, leaseOwner: LeaseOwner),
            LedgerOperation.Renew => new CreditCommand.Renew(user, reservation, attempt, Lifetime),
            LedgerOperation.Capture => new CreditCommand.Capture(user, reservation, attempt),
            LedgerOperation.Settle => new CreditCommand.Settle(user, reservation, attempt, Settled),
            LedgerOperation.Release => new CreditCommand.Release(user, reservation, attempt),
            _ => throw new InvalidOperationException($"{Operation} is no command."),
        };
    }

    /// <summary>Applies the step to the model.</summary>
    public LedgerModel.ModelResult ApplyTo(LedgerModel model, int attempt, DateTimeOffset now) => Operation switch
    {
        _ when IsLate => new LedgerModel.ModelResult(CreditCommandStatus.Busy),
        LedgerOperation.Initialize => model.Initialize(now),
        LedgerOperation.Consume => model.Consume(Key, Amount, now),
        LedgerOperation.Grant => model.Grant(Key, Amount, now),
        LedgerOperation.Refund => model.Refund(Key, Charge, Refund, now),
        LedgerOperation.Adjust => model.Adjust(Key, Change, now),
        LedgerOperation.Reserve => model.Reserve(Key, Amount, LeaseOwner, Lifetime, now),
        LedgerOperation.Renew => model.Renew(Key, attempt, Lifetime, now),
        LedgerOperation.Capture => model.Capture(Key, attempt, now),
        LedgerOperation.Settle => model.Settle(Key, attempt, Settled, now),
        LedgerOperation.Release => model.Release(Key, attempt, now),
        _ => throw new InvalidOperationException($"{Operation} is no command."),
    };
}
