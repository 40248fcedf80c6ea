using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Warming.Internal;

/// <summary>Reads the active users and their balances in one call, and adds the balances to the cache.</summary>
internal sealed class CacheWarmer(
    CreditCache cache,
    IOptions<WarmingOptions> options,
    TimeProvider time,
    CacheWarmingMetrics metrics,
    ILogger<CacheWarmer> logger,
    IActiveUserSource? source = null) : ICacheWarmer
{
    private CacheWarmingResult? _lastResult;

    public CacheWarmingResult? LastResult => Volatile.Read(ref _lastResult);

    public async ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = source is null || !options.Value.Enabled
            ? new CacheWarmingResult { Outcome = CacheWarmingOutcome.Skipped }
            : await WarmFromAsync(source, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastResult, result);
        metrics.WarmedUp(result);
        logger.WarmUpEnded(result.Outcome, result.Users, result.Filled, result.Newer, result.Duration.TotalMilliseconds);
        return result;
    }

    private async Task<CacheWarmingResult> WarmFromAsync(IActiveUserSource source, CancellationToken cancellationToken)
    {
        // The timestamp is taken before the call. A balance that is cached during the call is then later than the balances from the call.
        var started = cache.Now;
        using var budget = new CancellationTokenSource(options.Value.TimeBudget, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            var since = time.GetUtcNow() - options.Value.ActiveWithin;
            var users = await source.GetActiveUsersAsync(options.Value.MaxUsers, since, both.Token).AsTask().WaitAsync(both.Token)
                .ConfigureAwait(false);
            var filled = users.Take(options.Value.MaxUsers).Count(
                user => cache.GetSlot(user.User).Offer(cache.CreateEntry(user.Balance, started)));
            return new CacheWarmingResult
            {
                Outcome = CacheWarmingOutcome.Completed,
                Users = users.Count,
                Filled = filled,
                Newer = users.Count - filled,
                Duration = time.GetElapsedTime(started),
            };
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
            return new CacheWarmingResult { Outcome = CacheWarmingOutcome.TimedOut, Duration = time.GetElapsedTime(started) };
        }
        catch (Exception exception)
        {
            logger.WarmUpFailed(exception);
            return new CacheWarmingResult { Outcome = CacheWarmingOutcome.Failed, Duration = time.GetElapsedTime(started) };
        }
    }
}
