namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Represents one ledger entry, which increases the version of an account by one. <see cref="Key"/> is set only if the entry changes the
/// credits.
/// </summary>
internal readonly record struct LedgerEntry(string Kind, long Amount = 0, long HeldDelta = 0)
{
    public string? Key { get; init; }

    public string? Fingerprint { get; init; }

    public string? Reservation { get; init; }

    /// <summary>
    /// Gets the id of the earlier ledger entry to which this entry refers. If this entry closes a reservation, the earlier entry is
    /// the entry that created the reservation. If this entry is a refund, the earlier entry is the charge.
    /// </summary>
    public long? RefersTo { get; init; }

    /// <summary>Gets the operator, if this entry is an adjustment.</summary>
    public string? Actor { get; init; }

    public string? Reason { get; init; }
}
