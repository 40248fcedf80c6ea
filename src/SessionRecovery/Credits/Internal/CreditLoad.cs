namespace SessionRecovery.Credits.Internal;

/// <summary>The result of a load, and the slot to which the load wrote.</summary>
/// <param name="Result">The result of the read.</param>
/// <param name="Slot">The user's slot when the load began.</param>
internal readonly record struct CreditLoad(CreditReadResult Result, CreditSlot Slot);
