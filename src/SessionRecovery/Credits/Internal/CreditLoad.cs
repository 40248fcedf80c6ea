namespace SessionRecovery.Credits.Internal;

/// <summary>Represents the result of a load, together with the cache slot to which the load wrote.</summary>
/// <param name="Result">The result of the read.</param>
/// <param name="Slot">The user's slot when the load began.</param>
internal readonly record struct CreditLoad(CreditReadResult Result, CreditSlot Slot);
