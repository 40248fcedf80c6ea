using SessionRecovery.Credits;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Represents one entry in the response of the function <c>user_credit_history</c>.</summary>
internal sealed record LedgerEntry(
    long Id,
    long Version,
    string Kind,
    long Amount,
    long HeldDelta,
    long BalanceAfter,
    DateTimeOffset CreatedAt,
    string? IdempotencyKey,
    Guid? ReservationId,
    long? RefersTo,
    string? Actor,
    string? Reason)
{
    public CreditHistoryEntry ToEntry() => new()
    {
        Id = Id,
        Version = Version,
        Kind = EntryKinds.Parse(Kind),
        Amount = Amount,
        HeldDelta = HeldDelta,
        Balance = BalanceAfter,
        CreatedAt = CreatedAt,
        Key = IdempotencyKey is null ? null : SessionRecovery.Credits.IdempotencyKey.FromStore(IdempotencyKey),
        ReservationId = ReservationId,
        RefersTo = RefersTo,
        Actor = Actor,
        Reason = Reason,
    };
}
