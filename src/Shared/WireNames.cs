using SessionRecovery.Credits;
using SessionRecovery.Recovery;

namespace SessionRecovery.Shared;

/// <summary>Defines the names of results that appear in HTTP responses and in metric tags. The names of results never change.</summary>
internal static class WireNames
{
    public static string ToWireName(this CreditReadStatus status) => status switch
    {
        CreditReadStatus.Current => "known",
        CreditReadStatus.Stale => "stale",
        CreditReadStatus.NotFound => "missing",
        CreditReadStatus.Unauthenticated => "unauthenticated",
        _ => "unavailable",
    };

    public static string ToWireName(this CreditEntryKind kind) => kind switch
    {
        CreditEntryKind.Init => "init",
        CreditEntryKind.Grant => "grant",
        CreditEntryKind.Consume => "consume",
        CreditEntryKind.Refund => "refund",
        CreditEntryKind.Capture => "capture",
        CreditEntryKind.Reserve => "hold",
        CreditEntryKind.Release => "release",
        CreditEntryKind.Expire => "expire",
        CreditEntryKind.Adjust => "adjust",
        _ => "unknown",
    };

    public static string ToWireName(this SessionRecoveryOutcome outcome) => outcome switch
    {
        SessionRecoveryOutcome.Recovered => "recovered",
        SessionRecoveryOutcome.NotNeeded => "not_needed",
        _ => "failed",
    };
}
