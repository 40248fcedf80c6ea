namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// The change of one version of an account. <see cref="Key"/> is set only for a change of the credits, not for a reservation.
/// </summary>
internal readonly record struct LedgerEntry(string Kind, long Amount = 0, long HeldDelta = 0)
{
    public string? Key { get; init; }

    public string? Fingerprint { get; init; }

    public string? Reservation { get; init; }

    /// <summary>Gets the id of the entry that made the reservation, if this entry closes it.</summary>
    public long? RefersTo { get; init; }

    public string? Reason { get; init; }
}
