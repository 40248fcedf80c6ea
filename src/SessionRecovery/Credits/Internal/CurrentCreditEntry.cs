namespace SessionRecovery.Credits.Internal;

/// <summary>Represents a balance that is served without a store read until its cache duration is over.</summary>
internal sealed class CurrentCreditEntry(CreditBalance balance, long loadStarted) : CreditEntry(balance, loadStarted);
