namespace SessionRecovery.Credits.Internal;

/// <summary>Represents a source of credits that the host registered.</summary>
/// <param name="Call">The method call with which the host registered the source. Error messages contain this text.</param>
/// <param name="Implementation">The type of the credit reader or the credit store.</param>
/// <param name="IsLedger"><see langword="true"/> if the source is a credit store with a ledger.</param>
/// <param name="Replaces">The credit reader of the same provider that this source replaces if both are registered.</param>
internal sealed record CreditSource(string Call, Type Implementation, bool IsLedger, Type? Replaces);
