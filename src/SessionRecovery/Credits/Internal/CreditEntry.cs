namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents a cached balance. <paramref name="loadStarted"/> is a timestamp of the local monotonic clock.
/// </summary>
/// <remarks>The type of the entry states whether it expired, because a field would need 8 bytes more for each cached user.</remarks>
internal abstract class CreditEntry(CreditBalance balance, long loadStarted)
{
    public CreditBalance Balance { get; } = balance;

    public long LoadStarted { get; } = loadStarted;

    /// <summary>
    /// Returns a value that indicates whether this entry is later than the other entry. Entries are ordered by version, and entries with
    /// the same version by the start of their load. Without versions, or after a change of the store incarnation, only the start of the
    /// load decides. The start is a timestamp of the local monotonic clock, because the clock of a store may be set back.
    /// </summary>
    public bool IsLaterThan(CreditEntry other)
    {
        var (mine, theirs) = (Balance, other.Balance);
        if (mine.Version is { } version && theirs.Version is { } otherVersion
            && string.Equals(mine.Incarnation, theirs.Incarnation, StringComparison.Ordinal))
        {
            return version != otherVersion ? version > otherVersion : LoadStarted >= other.LoadStarted;
        }

        return LoadStarted >= other.LoadStarted;
    }
}
