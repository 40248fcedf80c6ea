using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Retries requests that change nothing and do not concern credits. All attempts together must complete within one request timeout.
/// Requests for credits are not retried here, because ResilientCreditStore retries them.
/// </summary>
internal sealed class SupabaseRetry
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    private readonly ResiliencePipeline _pipeline;

    public SupabaseRetry(IOptions<SupabaseOptions> options, TimeProvider time, Randomizer randomizer)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = options.Value.RequestTimeout });
        if (options.Value.MaxReadAttempts > 1)
        {
            builder.AddRetry(CreateRetry(options.Value.MaxReadAttempts, randomizer));
        }

        _pipeline = builder.Build();
    }

    /// <summary>Sends a request until it succeeds or until a retry cannot succeed.</summary>
    /// <param name="send">Sends the request once and throws an exception if it fails.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="SupabaseException">Every attempt failed, the failure is permanent, or the request timed out.</exception>
    public async ValueTask<T> SendAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (send, token) => await send(token).ConfigureAwait(false), send, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw SupabaseException.TimedOut(exception);
        }
    }

    private static RetryStrategyOptions CreateRetry(int maxAttempts, Randomizer randomizer)
    {
        var retry = new RetryStrategyOptions
        {
            ShouldHandle = static arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is SupabaseException { IsTransient: true } exception
                    && RetryDelays.IsAcceptable(exception.RetryAfter)),
        };
        RetryDelays.Apply(retry, maxAttempts, FirstDelay, static exception => (exception as SupabaseException)?.RetryAfter, randomizer);
        return retry;
    }
}
