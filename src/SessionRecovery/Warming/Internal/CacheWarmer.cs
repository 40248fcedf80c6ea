using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Warming.Internal;

/// <summary>
/// Reads the balances of recently active users, and adds the balances to the cache. The users whom the previous process handed over come
/// first, and the users whom the source lists follow. The source returns its users and their balances in one call.
/// </summary>
internal sealed class CacheWarmer(
    CreditCache cache,
    IOptions<WarmingOptions> options,
    TimeProvider time,
    CacheWarmingMetrics metrics,
    ILogger<CacheWarmer> logger,
    UserHandOver handOver,
    HandedOverUsers handedOverUsers,
    IActiveUserSource? source = null) : ICacheWarmer
{
    private readonly int _maxUsers = options.Value.MaxUsers;
    private CacheWarmingResult? _lastResult;

    public CacheWarmingResult? LastResult => Volatile.Read(ref _lastResult);

    public async ValueTask<CacheWarmingResult> WarmAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = !options.Value.Enabled || (source is null && !handOver.IsAvailable)
            ? new CacheWarmingResult { Outcome = CacheWarmingOutcome.Skipped }
            : await WarmWithinBudgetAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastResult, result);
        metrics.WarmedUp(result);
        logger.WarmUpEnded(result.Outcome, result.Users, result.Filled, result.Newer, result.Duration.TotalMilliseconds);
        return result;
    }

    private async Task<CacheWarmingResult> WarmWithinBudgetAsync(CancellationToken cancellationToken)
    {
        var started = cache.Now;
        var progress = new Progress();
        using var budget = new CancellationTokenSource(options.Value.TimeBudget, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            var outcome = await WarmHandedOverAsync(progress, both.Token).ConfigureAwait(false);
            if (source is not null)
            {
                await WarmActiveAsync(source, progress, both.Token).ConfigureAwait(false);
                outcome = CacheWarmingOutcome.Completed;
            }

            return progress.ToResult(outcome, time.GetElapsedTime(started));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
            return progress.ToResult(CacheWarmingOutcome.TimedOut, time.GetElapsedTime(started));
        }
        catch (Exception exception)
        {
            logger.WarmUpFailed(exception);
            return progress.ToResult(CacheWarmingOutcome.Failed, time.GetElapsedTime(started));
        }
    }

    /// <summary>Adds the balances of the users whom the previous process handed over through the distributed cache.</summary>
    private async Task<CacheWarmingOutcome> WarmHandedOverAsync(Progress progress, CancellationToken cancellationToken)
    {
        var handed = await handOver.TakeAsync(_maxUsers, cancellationToken).ConfigureAwait(false);
        if (handed.Count == 0)
        {
            return source is null ? CacheWarmingOutcome.Skipped : CacheWarmingOutcome.Completed;
        }

        try
        {
            var read = cache.Now;
            var users = await handedOverUsers.ReadAsync(handed, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            Fill(users, read, progress);
            return CacheWarmingOutcome.Completed;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.WarmUpFailed(exception);
            return CacheWarmingOutcome.Failed;
        }
    }

    private async Task WarmActiveAsync(IActiveUserSource active, Progress progress, CancellationToken cancellationToken)
    {
        // The timestamp is taken before the call. A balance that a request caches during the call therefore counts as later than the
        // balances from the call.
        var read = cache.Now;
        var since = time.GetUtcNow() - options.Value.ActiveWithin;
        var users = await active.GetActiveUsersAsync(_maxUsers, since, cancellationToken).AsTask().WaitAsync(cancellationToken)
            .ConfigureAwait(false);
        Fill(users, read, progress);
    }

    private void Fill(IEnumerable<ActiveUser> users, long read, Progress progress)
    {
        foreach (var user in users.Where(user => !progress.Users.Contains(user.User)).Take(_maxUsers - progress.Users.Count).ToList())
        {
            progress.Users.Add(user.User);
            if (cache.GetSlot(user.User).Offer(new CurrentCreditEntry(user.Balance, read)))
            {
                progress.Filled++;
            }
        }
    }

    /// <summary>Collects the users of one warm-up, and counts the filled slots.</summary>
    private sealed class Progress
    {
        public HashSet<UserId> Users { get; } = [];

        public int Filled { get; set; }

        public CacheWarmingResult ToResult(CacheWarmingOutcome outcome, TimeSpan duration) => new()
        {
            Outcome = outcome,
            Users = Users.Count,
            Filled = Filled,
            Newer = Users.Count - Filled,
            Duration = duration,
        };
    }
}
