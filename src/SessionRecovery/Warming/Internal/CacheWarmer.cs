using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Diagnostics.Internal;

namespace SessionRecovery.Warming.Internal;

/// <summary>The walk of a warm-up: active users with balances, one call, into slots that are empty or older.</summary>
internal sealed class CacheWarmer(
    CreditCache cache,
    IOptions<WarmingOptions> options,
    TimeProvider time,
    CoreMetrics metrics,
    ILogger<CacheWarmer> logger,
    IActiveUserSource? source = null) : ICacheWarmer
{
    private CacheWarmingResult? _lastReport;

    public CacheWarmingResult? LastReport => Volatile.Read(ref _lastReport);

    public async ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var report = source is null || !options.Value.Enabled
            ? new CacheWarmingResult(CacheWarmingOutcome.Skipped, 0, 0, 0, TimeSpan.Zero)
            : await WarmFromAsync(source, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastReport, report);
        metrics.WarmedUp(report);
        logger.WarmUpEnded(report.Outcome, report.Users, report.Filled, report.Newer, report.Duration.TotalMilliseconds);
        return report;
    }

    private async Task<CacheWarmingResult> WarmFromAsync(IActiveUserSource source, CancellationToken cancellationToken)
    {
        // Before the call: a balance that is written while it runs is later than what it brings.
        var started = cache.Now;
        using var budget = new CancellationTokenSource(options.Value.TimeBudget, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            var since = time.GetUtcNow() - options.Value.ActiveWithin;
            var users = await source.GetActiveUsersAsync(options.Value.Users, since, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
            var filled = 0;
            foreach (var (user, balance) in users.Take(options.Value.Users))
            {
                filled += cache.GetSlot(user).Offer(cache.EntryFor(balance, started)) ? 1 : 0;
            }

            return new CacheWarmingResult(CacheWarmingOutcome.Completed, users.Count, filled, users.Count - filled, time.GetElapsedTime(started));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
            return new CacheWarmingResult(CacheWarmingOutcome.TimedOut, 0, 0, 0, time.GetElapsedTime(started));
        }
        catch (Exception exception)
        {
            logger.WarmUpFailed(exception.GetType().Name);
            return new CacheWarmingResult(CacheWarmingOutcome.Failed, 0, 0, 0, time.GetElapsedTime(started));
        }
    }
}
