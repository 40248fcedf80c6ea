namespace SessionRecovery.Credits.Internal;

/// <summary>A balance as the cache holds it. <paramref name="LoadStarted"/> and <paramref name="FreshUntil"/> are local monotonic timestamps.</summary>
internal sealed record CreditEntry(CreditBalance Balance, long LoadStarted, long FreshUntil)
{
    /// <summary>
    /// The one order of the cache: version, then the start of the load, on the local monotonic clock since a store's clock may step back.
    /// Where there are no versions, or the store began a new life, the later start alone decides.
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
