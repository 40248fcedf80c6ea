using SessionRecovery.Credits;

namespace SessionRecovery.Shared;

/// <summary>Converts the column <c>credit_ledger.kind</c>, whose values are the same in every provided store.</summary>
internal static class EntryKinds
{
    public static CreditEntryKind Parse(string kind) => kind switch
    {
        "init" => CreditEntryKind.Init,
        "grant" => CreditEntryKind.Grant,
        "consume" => CreditEntryKind.Consume,
        "refund" => CreditEntryKind.Refund,
        "capture" => CreditEntryKind.Capture,
        "hold" => CreditEntryKind.Reserve,
        "release" => CreditEntryKind.Release,
        "expire" => CreditEntryKind.Expire,
        "adjust" => CreditEntryKind.Adjust,
        _ => CreditEntryKind.Unknown,
    };
}
