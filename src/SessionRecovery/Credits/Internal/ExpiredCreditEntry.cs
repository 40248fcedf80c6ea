namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents a balance that may be out of date because of an invalidation. It is served only while the store is unreachable.
/// </summary>
internal sealed class ExpiredCreditEntry(CreditBalance balance, long loadStarted) : CreditEntry(balance, loadStarted);
