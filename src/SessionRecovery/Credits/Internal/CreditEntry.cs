namespace SessionRecovery.Credits.Internal;

/// <summary>A cached balance. <paramref name="LoadStarted"/> and <paramref name="FreshUntil"/> are local monotonic timestamps.</summary>
internal sealed record CreditEntry(CreditBalance Balance, long LoadStarted, long FreshUntil)
{
    /// <summary>
    /// Orders the cache: by version, then by the start of the load. The start is taken from the local monotonic clock, because a store's
    /// clock may step back. Without versions, or across store incarnations, the start alone decides.
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
