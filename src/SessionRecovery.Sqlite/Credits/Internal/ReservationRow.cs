namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>A reservation's row, without its stored response. <see cref="Entry"/> is the ledger row of its latest hold.</summary>
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
