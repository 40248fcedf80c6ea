using Polly;
using Polly.Retry;

namespace SessionRecovery.Shared;

/// <summary>
/// Computes retry delays with exponential back-off and jitter. A <c>Retry-After</c> value is used as a minimum and never replaces the
/// back-off, because PostgREST always sends <c>Retry-After: 0</c>.
/// </summary>
internal static class RetryDelays
{
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Sets the number of attempts and the delays between them. The caller decides which failures are retried.</summary>
    /// <param name="retry">The options to change.</param>
    /// <param name="maxAttempts">The number of attempts, including the first, at least 2.</param>
    /// <param name="firstDelay">The delay before the second attempt.</param>
    /// <param name="getRetryAfter">Returns the delay that the failed service requested.</param>
    /// <param name="randomizer">The source of jitter.</param>
    public static void Apply<T>(
        RetryStrategyOptions<T> retry,
        int maxAttempts,
        TimeSpan firstDelay,
        Func<Exception, TimeSpan?> getRetryAfter,
        Randomizer randomizer)
    {
        retry.MaxRetryAttempts = maxAttempts - 1;
        retry.BackoffType = DelayBackoffType.Exponential;
        retry.Delay = firstDelay;
        retry.MaxDelay = TimeSpan.FromSeconds(10);
        retry.UseJitter = true;
        retry.Randomizer = randomizer.NextDouble;
        retry.DelayGenerator = arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is { } exception && getRetryAfter(exception) is { } retryAfter && retryAfter > TimeSpan.Zero
                ? retryAfter + (firstDelay * Math.ScaleB(randomizer.NextDouble(), arguments.AttemptNumber))
                : default(TimeSpan?));
    }

    /// <summary>
    /// Returns a value that indicates whether a requested delay is short enough to wait for. If a service requests a longer delay, the call
    /// is not retried.
    /// </summary>
    public static bool IsAcceptable(TimeSpan? retryAfter) => (retryAfter ?? TimeSpan.Zero) <= MaxRetryAfter;
}
