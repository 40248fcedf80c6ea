namespace SessionRecovery.Warming;

/// <summary>Fills the cache with the balances of recently active users, in one call to the store. The service is thread-safe.</summary>
public interface ICacheWarmer
{
    /// <summary>Gets the result of the last warm-up, or <see langword="null"/> if no warm-up has ended yet.</summary>
    CacheWarmingResult? LastResult { get; }

    /// <summary>
    /// Fills the cache now, within <see cref="WarmingOptions.TimeBudget"/>. An older balance never replaces a later balance in the cache.
    /// </summary>
    /// <param name="cancellationToken">Cancels the warm-up.</param>
    /// <returns>
    /// The result. If the time budget is exceeded, the outcome is <see cref="CacheWarmingOutcome.TimedOut"/>, and no exception is thrown.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default);
}
