namespace SessionRecovery.Warming;

/// <summary>Fills the cache with the users who were just here, in one store call. Thread-safe.</summary>
public interface ICacheWarmer
{
    /// <summary>The last warm-up's report; <see langword="null"/> until the first has ended.</summary>
    CacheWarmingResult? LastReport { get; }

    /// <summary>Warms now, within the time budget. A value never replaces a later one.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled (the time budget's end is a report, not this).</exception>
    ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default);
}
