namespace SessionRecovery.Credits;

/// <summary>Represents a page of a user's credit history, with the newest entry first. The type is immutable.</summary>
public sealed record CreditHistoryPage
{
    /// <summary>The maximum number of entries of a page, 500.</summary>
    public const int MaxLimit = 500;

    /// <summary>The default number of entries of a page, 50.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Gets the entries, the newest first. The list is empty for a user without an account.</summary>
    public required IReadOnlyList<CreditHistoryEntry> Entries { get; init; }

    /// <summary>
    /// Gets the version before which the next page begins, or <see langword="null"/> if there are no older entries. Entries that are added
    /// later do not change the older pages.
    /// </summary>
    public long? NextBefore { get; init; }
}
