namespace SessionRecovery.Warming;

/// <summary>Fills the cache with the balances of recently active users, in one call to the store. Thread-safe.</summary>
public interface ICacheWarmer
{
    /// <summary>Gets the result of the last warm-up; <see langword="null"/> until the first has ended.</summary>
    CacheWarmingResult? LastResult { get; }

    /// <summary>Warms the cache now, within <see cref="WarmingOptions.TimeBudget"/>. A value never replaces a later one.</summary>
    /// <param name="cancellationToken">Cancels the warm-up.</param>
    /// <returns>The result. The end of the time budget is a result and does not throw.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default);
}
