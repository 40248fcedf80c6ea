namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// One row of <c>credit_reservations</c>, without its stored response. <see cref="Entry"/> is the id of the ledger entry that made or
/// renewed it last; <see langword="null"/> for a reservation without a price, which has no entries.
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
    long? Entry)
{
    public const string Held = "held";
    public const string Running = "running";
    public const string Captured = "captured";
    public const string Released = "released";
    public const string Expired = "expired";

    /// <summary>Gets the state of an open reservation of this amount.</summary>
    public static string GetOpenState(long amount) => amount > 0 ? Held : Running;

    public bool IsOpen => State is Held or Running;

    public Guid Reservation => Guid.ParseExact(Id, "D");
}
