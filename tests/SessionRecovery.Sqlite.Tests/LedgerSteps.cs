using CsCheck;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Generates random steps of two users, who share four keys.</summary>
internal static class LedgerSteps
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

    public static Gen<LedgerStep> Any { get; } = CreateStep(AnyOperation);

    public static Gen<LedgerStep> WithRestarts { get; } =
        CreateStep(Gen.Frequency((53, AnyOperation), (1, Gen.Const(LedgerOperation.Reopen))));

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
}
