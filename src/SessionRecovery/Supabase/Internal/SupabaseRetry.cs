using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using SessionRecovery.Diagnostics.Internal;
using SessionRecovery.Resilience.Internal;

namespace SessionRecovery.Supabase.Internal;

/// <summary>Questions that change nothing and are not about credits: asked again when the answer was lost, all within the time of one request.</summary>
internal sealed class SupabaseRetry
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly ResiliencePipeline _pipeline;

    public SupabaseRetry(IOptions<SupabaseOptions> options, TimeProvider time, Randomizer randomness)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = options.Value.RequestTimeout });
        if (options.Value.MaxReadAttempts > 1)
        {
            var retry = new RetryStrategyOptions
            {
                ShouldHandle = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is SupabaseException exception && Backoff.IsTransient(exception)),
            };
            Backoff.Apply(retry, options.Value.MaxReadAttempts, FirstPause, randomness);
            builder.AddRetry(retry);
        }

        _pipeline = builder.Build();
    }

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="ask">One try; a refusal is thrown.</param>
    /// <param name="cancellationToken">Given up by the caller.</param>
    /// <exception cref="SupabaseException">No try had an answer, the answer was a refusal, or the time was over.</exception>
    public async ValueTask<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static async (ask, token) => await ask(token).ConfigureAwait(false), ask, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw SupabaseException.TimedOut(exception);
        }
    }
}
