namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Represents a cached balance. <paramref name="LoadStarted"/> and <paramref name="FreshUntil"/> are timestamps of the local monotonic
/// clock.
/// </summary>
internal sealed record CreditEntry(CreditBalance Balance, long LoadStarted, long FreshUntil)
{
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
