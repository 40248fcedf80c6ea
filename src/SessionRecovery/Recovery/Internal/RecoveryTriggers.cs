using System.Collections.Frozen;

namespace SessionRecovery.Recovery.Internal;

/// <summary>
/// Lists the triggers that metrics count by name. A client may send any text as a trigger, but the tags of a metric must have a small set
/// of values.
/// </summary>
internal static class RecoveryTriggers
{
    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
        [
            "new_epoch", "unauthorized", "request_failed", "stream_lost", "online", "visible", "page_show", "token_expired",
            "token_refused", "credits", "sign_in", "manual", "server",
        ],
        StringComparer.Ordinal);

    public static string Normalize(string trigger) => Known.TryGetValue(trigger, out var known) ? known : "other";
}
