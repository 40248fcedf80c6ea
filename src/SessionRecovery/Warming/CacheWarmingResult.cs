namespace SessionRecovery.Warming;

/// <summary>Represents the result of a warm-up.</summary>
public sealed record CacheWarmingResult
{
    /// <summary>Gets the outcome.</summary>
    public CacheWarmingOutcome Outcome { get; init; }

    /// <summary>Gets the number of users that the previous process handed over or that the source listed.</summary>
    public int Users { get; init; }

    /// <summary>Gets the number of users whose balance was put into the cache.</summary>
    public int Filled { get; init; }

    /// <summary>Gets the number of users whose cached balance was kept, because it was later than the balance in the list.</summary>
    public int Newer { get; init; }

    /// <summary>Gets the duration of the warm-up.</summary>
    public TimeSpan Duration { get; init; }
}
