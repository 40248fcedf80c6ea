namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Represents the ledger entry or the reservation that used an idempotency key. If a reservation used the key, the id is 0.
/// </summary>
internal readonly record struct KeyUse(long Entry, string Kind, long Amount, long? RefersTo, string? Fingerprint, string? Actor);
