using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using SessionRecovery.Diagnostics.Internal;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Every call to the store: its tries and its time, in one place. A refused or conflicting command is an answer and never repeated; a
/// lost one is repeated with its key.
/// </summary>
internal sealed class StoreCalls
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<StoreCalls> _logger;
    private readonly ResiliencePipeline<CreditReadResult> _reads;
    private readonly ResiliencePipeline<CreditCommandResult> _commands;

    public StoreCalls(
        IServiceScopeFactory scopes,
        IOptions<CreditOptions> options,
        TimeProvider time,
        Randomizer randomness,
        CoreMetrics metrics,
        ILogger<StoreCalls> logger)
    {
        _scopes = scopes;
        _logger = logger;
        var tryTimeout = new TimeoutStrategyOptions { Timeout = options.Value.AttemptTimeout };

        // Whoever reads has an older number to look at and waits no longer than for one try; a command needs an answer to each.
        var reads = new ResiliencePipelineBuilder<CreditReadResult> { TimeProvider = time }.AddTimeout(tryTimeout);
        AddRetry(reads, static reading => reading.Status == CreditReadStatus.Unavailable, metrics.CreditReadRetried);
        _reads = reads.Build();

        var commands = new ResiliencePipelineBuilder<CreditCommandResult> { TimeProvider = time };
        AddRetry(commands, static outcome => outcome.Status is CreditCommandStatus.Unknown or CreditCommandStatus.Busy, metrics.CreditCommandRetried);
        _commands = commands.AddTimeout(tryTimeout).Build();

        void AddRetry<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(ResiliencePipelineBuilder<T> builder, Func<T, bool> isLost, Action retried)
        {
            if (options.Value.MaxAttempts == 1)
            {
                return;
            }

            var retry = new RetryStrategyOptions<T>
            {
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is { } exception ? Backoff.IsTransient(exception) : isLost(arguments.Outcome.Result!)),
                OnRetry = _ =>
                {
                    retried();
                    return default;
                },
            };
            Backoff.Apply(retry, options.Value.MaxAttempts, options.Value.RetryDelay, randomness);
            builder.AddRetry(retry);
        }
    }

    /// <summary>Reads in a scope of its own. An outage is a reading.</summary>
    public async Task<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        try
        {
            return await _reads.ExecuteAsync(
                static async (state, token) =>
                {
                    await using var scope = state.Self._scopes.CreateAsyncScope();
                    var reader = scope.ServiceProvider.GetRequiredService<ICreditReader>();

                    // A reader that ignores its token must not hold the user's one load for ever.
                    return await reader.ReadAsync(state.Session, token).AsTask().WaitAsync(token).ConfigureAwait(false);
                },
                (Self: this, Session: session),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.ReadFailed(session.User, GetReason(exception));
            return CreditReadResult.Unavailable;
        }
    }

    /// <summary>
    /// Applies a command. An outage is the outcome <see cref="CreditCommandStatus.Unknown"/>, and stays it whatever a later try is told: that
    /// nothing happened this time says nothing of the time whose answer was lost.
    /// </summary>
    public async Task<CreditCommandResult> ApplyAsync(ICreditStore store, CreditCommand command, CancellationToken cancellationToken)
    {
        var tries = new CommandTries(store, command);
        try
        {
            var outcome = await _commands.ExecuteAsync(static (tries, token) => tries.ApplyAsync(token), tries, cancellationToken).ConfigureAwait(false);
            if (outcome.Status != CreditCommandStatus.Busy)
            {
                return outcome;
            }

            _logger.CommandBusy(command.GetType().Name, command.User);
            return tries.LostAnAnswer ? CreditCommandResult.Unknown : outcome;
        }
        catch (CreditStoreException exception) when (!exception.IsTransient && !tries.LostAnAnswer)
        {
            // Refused before anything was done, and told to the operator: whoever asked may come again when the set-up is mended.
            return CreditCommandResult.Busy;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Backoff.IsOutage(exception))
        {
            _logger.CommandFailed(command.GetType().Name, command.User, GetReason(exception));
            return CreditCommandResult.Unknown;
        }
    }

    // What a driver writes into its exceptions may name addresses and keys; what we write does not.
    private static string GetReason(Exception exception) => exception switch
    {
        TimeoutRejectedException => "timed out",
        CreditStoreException => exception.Message,
        _ => exception.GetType().Name,
    };
}
