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
    private readonly ResiliencePipeline<CreditReading> _reads;
    private readonly ResiliencePipeline<CreditOutcome> _commands;

    public StoreCalls(
        IServiceScopeFactory scopes,
        IOptions<CreditOptions> options,
        TimeProvider time,
        Randomness randomness,
        CoreMetrics metrics,
        ILogger<StoreCalls> logger)
    {
        _scopes = scopes;
        _logger = logger;
        var tryTimeout = new TimeoutStrategyOptions { Timeout = options.Value.TryTimeout };

        // Whoever reads has an older number to look at and waits no longer than for one try; a command needs an answer to each.
        var reads = new ResiliencePipelineBuilder<CreditReading> { TimeProvider = time }.AddTimeout(tryTimeout);
        AddRetry(reads, static reading => reading.Status == CreditReadingStatus.Unavailable, metrics.CreditReadRetried);
        _reads = reads.Build();

        var commands = new ResiliencePipelineBuilder<CreditOutcome> { TimeProvider = time };
        AddRetry(commands, static outcome => outcome.Status is CreditOutcomeStatus.Unknown or CreditOutcomeStatus.Busy, metrics.CreditCommandRetried);
        _commands = commands.AddTimeout(tryTimeout).Build();

        void AddRetry<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(ResiliencePipelineBuilder<T> builder, Func<T, bool> isLost, Action retried)
        {
            if (options.Value.Tries == 1)
            {
                return;
            }

            var retry = new RetryStrategyOptions<T>
            {
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is { } exception ? Backoff.IsWorthAnotherTry(exception) : isLost(arguments.Outcome.Result!)),
                OnRetry = _ =>
                {
                    retried();
                    return default;
                },
            };
            Backoff.Apply(retry, options.Value.Tries, options.Value.RetryDelay, randomness);
            builder.AddRetry(retry);
        }
    }

    /// <summary>Reads in a scope of its own. An outage is a reading.</summary>
    public async Task<CreditReading> ReadAsync(UserSession session, CancellationToken cancellationToken)
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
            _logger.ReadFailed(session.User, ReasonOf(exception));
            return CreditReading.Unavailable;
        }
    }

    /// <summary>
    /// Applies a command. An outage is the outcome <see cref="CreditOutcomeStatus.Unknown"/>, and stays it whatever a later try is told: that
    /// nothing happened this time says nothing of the time whose answer was lost.
    /// </summary>
    public async Task<CreditOutcome> ApplyAsync(ICreditStore store, CreditCommand command, CancellationToken cancellationToken)
    {
        var tries = new CommandTries(store, command);
        try
        {
            var outcome = await _commands.ExecuteAsync(static (tries, token) => tries.ApplyAsync(token), tries, cancellationToken).ConfigureAwait(false);
            if (outcome.Status != CreditOutcomeStatus.Busy)
            {
                return outcome;
            }

            _logger.CommandBusy(command.GetType().Name, command.User);
            return tries.LostAnAnswer ? CreditOutcome.Unknown : outcome;
        }
        catch (StoreException exception) when (!exception.IsPassing && !tries.LostAnAnswer)
        {
            // Refused before anything was done, and told to the operator: whoever asked may come again when the set-up is mended.
            return CreditOutcome.Busy;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Backoff.IsOutage(exception))
        {
            _logger.CommandFailed(command.GetType().Name, command.User, ReasonOf(exception));
            return CreditOutcome.Unknown;
        }
    }

    // What a driver writes into its exceptions may name addresses and keys; what we write does not.
    private static string ReasonOf(Exception exception) => exception switch
    {
        TimeoutRejectedException => "timed out",
        StoreException => exception.Message,
        _ => exception.GetType().Name,
    };
}
