namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Represents one row of the table <c>credit_reservations</c> without the stored response. <see cref="Entry"/> is the id of the latest
/// ledger entry that held credits for the reservation. If no attempt had a price, the reservation has no ledger entry, and
/// <see cref="Entry"/> is <see langword="null"/>. <see cref="Charged"/> is the amount that the capture or the settlement charged.
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
    long? Entry,
    long Charged = 0)
{
    public const string Held = "held";
    public const string Running = "running";
    public const string Captured = "captured";
    public const string Released = "released";
    public const string Expired = "expired";

    /// <summary>Gets the state of an open reservation with the given amount.</summary>
    public static string GetOpenState(long amount) => amount > 0 ? Held : Running;

    public bool IsOpen => State is Held or Running;

    public Guid Reservation => Guid.ParseExact(Id, "D");
}
