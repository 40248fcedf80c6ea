namespace SessionRecovery.Credits.Internal;

/// <summary>A source of credits that the host chose.</summary>
/// <param name="Call">The call that registered it, for messages.</param>
/// <param name="Implementation">The type of the reader or store.</param>
/// <param name="IsLedger">Whether it is a store.</param>
/// <param name="Replaces">The reader of the same provider that it replaces when both are registered.</param>
internal sealed record CreditSource(string Call, Type Implementation, bool IsLedger, Type? Replaces);
