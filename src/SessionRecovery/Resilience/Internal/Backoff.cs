using Polly;
using Polly.Retry;
using SessionRecovery.Diagnostics.Internal;

namespace SessionRecovery.Resilience.Internal;

/// <summary>
/// The pauses between tries, in one place: they double with jitter, and what the other side asks for is the least wait, never in their place,
/// since PostgREST always asks for 0.
/// </summary>
internal static class Backoff
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Sets how often and after what pauses; what counts as lost is the caller's.</summary>
    /// <param name="retry">What is set.</param>
    /// <param name="tries">The first one included; at least 2.</param>
    /// <param name="firstPause">The pause before the second try.</param>
    /// <param name="randomness">Spreads the pauses.</param>
    public static void Apply<T>(RetryStrategyOptions<T> retry, int tries, TimeSpan firstPause, Randomizer randomness)
    {
        retry.MaxRetryAttempts = tries - 1;
        retry.BackoffType = DelayBackoffType.Exponential;
        retry.Delay = firstPause;
        retry.MaxDelay = TimeSpan.FromSeconds(10);
        retry.UseJitter = true;
        retry.Randomizer = randomness.NextDouble;
        retry.DelayGenerator = arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is CreditStoreException { RetryAfter: { } wait } && wait > TimeSpan.Zero
                ? wait + (firstPause * Math.ScaleB(randomness.NextDouble(), arguments.AttemptNumber))
                : default(TimeSpan?));
    }

    /// <summary>
    /// Whether asking again could help. Misuse is a bug in the caller and comes out; the rest of what a driver throws means that no answer came.
    /// A store may ask for a wait that is longer than anybody here waits for an answer: then this was the answer.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception is CreditStoreException store
        ? store.IsTransient && store.RetryAfter <= LongestWait
        : IsOutage(exception);

    /// <summary>Whether an exception says that no answer came, and not that the caller is wrong.</summary>
    public static bool IsOutage(Exception exception) => exception is not (ArgumentException or NotSupportedException);
}
