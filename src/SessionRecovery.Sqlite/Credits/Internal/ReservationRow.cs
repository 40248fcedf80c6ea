namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// One row of <c>credit_reservations</c>, without its stored response. <see cref="Entry"/> is the id of the ledger entry that made or
/// renewed it last.
/// </summary>
internal sealed record ReservationRow(
    string Id,
    string Key,
    string? Fingerprint,
    int Attempt,
    string? LeaseOwner,
    long Amount,
    string State,
    long ExpiresAt,
    long Entry)
{
    public const string Held = "held";
    public const string Captured = "captured";
    public const string Released = "released";
    public const string Expired = "expired";

    public Guid Reservation => Guid.ParseExact(Id, "D");
}
