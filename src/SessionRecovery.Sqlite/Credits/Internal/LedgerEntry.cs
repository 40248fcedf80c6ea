namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>What one version of an account changed. <see cref="Key"/> only for what is booked, never for a hold.</summary>
internal readonly record struct LedgerEntry(string Kind, long Amount = 0, long HeldDelta = 0)
{
    public string? Key { get; init; }

    public string? Fingerprint { get; init; }

    public string? Reservation { get; init; }

    /// <summary>For a row that ends or pays a hold: the ledger row of that hold.</summary>
    public long? RefersTo { get; init; }

    public string? Reason { get; init; }
}
