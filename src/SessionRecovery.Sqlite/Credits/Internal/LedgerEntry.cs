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
    /// Gets the id of the ledger entry that created the reservation, if this entry closes the reservation, or the id of the charge, if this
    /// entry is a refund.
    /// </summary>
    public long? RefersTo { get; init; }

    /// <summary>Gets the operator, if this entry is an adjustment.</summary>
    public string? Actor { get; init; }

    public string? Reason { get; init; }
}
