using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Represents one reservation in the response of the function <c>open_reservations</c>.</summary>
internal sealed record LedgerReservation(
    Guid Id, Guid UserId, string IdempotencyKey, int Attempt, long Amount, DateTimeOffset ExpiresAt, Guid? LeaseOwner)
{
    public OpenCreditReservation ToReservation() => new()
    {
        Id = Id,
        User = SessionRecovery.Sessions.UserId.Create(UserId.ToString("D")),
        Key = SessionRecovery.Credits.IdempotencyKey.FromStore(IdempotencyKey),
        Attempt = Attempt,
        Amount = Amount,
        ExpiresAt = ExpiresAt,
        LeaseOwner = LeaseOwner,
    };
}
