namespace SessionRecovery.Credits.Internal;

/// <summary>What a load found, and the slot to which it wrote.</summary>
/// <param name="Result">The result of the read.</param>
/// <param name="Slot">The user's slot when the load began.</param>
internal readonly record struct CreditLoad(CreditReadResult Result, CreditSlot Slot);
