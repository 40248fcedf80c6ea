using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Adds retries and timeouts to the host's credit source. A business result, such as insufficient credits or a key conflict, is never
/// retried. A command whose response was lost is retried with the same key.
/// </summary>
internal sealed class ResilientCreditStore : ICreditStore, ICreditStoreHistory, ICreditStoreReservations
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ICreditStore? _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _attemptTimeout;
    private readonly ILogger<ResilientCreditStore> _logger;
    private readonly Lazy<ResiliencePipeline<CreditReadResult>> _reads;
    private readonly Lazy<ResiliencePipeline<CreditHistoryPage>> _histories;
    private readonly Lazy<ResiliencePipeline<IReadOnlyList<OpenCreditReservation>>> _reservations;
    private readonly Lazy<ResiliencePipeline<CreditCommandResult>> _commands;

    public ResilientCreditStore(
        IServiceScopeFactory scopes,
        IOptions<CreditOptions> options,
        TimeProvider time,
        Randomizer randomizer,
        CreditMetrics metrics,
        ILogger<ResilientCreditStore> logger,
        ICreditStore? store = null)
    {
        _scopes = scopes;
        _store = store;
        _time = time;
        _attemptTimeout = options.Value.AttemptTimeout;
        _logger = logger;

        // The retry pipelines are created when they are first used. A host whose first balances come from the warm-up therefore starts
        // faster.
        _reads = new(() => BuildReads(options.Value, time, randomizer, metrics));
        _histories = new(() => BuildLists<CreditHistoryPage>(options.Value, time, randomizer, metrics));
        _reservations = new(() => BuildLists<IReadOnlyList<OpenCreditReservation>>(options.Value, time, randomizer, metrics));
        _commands = new(() => BuildCommands(options.Value, time, randomizer, metrics));
    }

    /// <summary>Gets a value that indicates whether the credit source is a store with a ledger, to which commands can be sent.</summary>
    public bool HasLedger => _store is not null;

    /// <summary>
    /// Reads a balance in a new DI scope. A failure is returned as <see cref="CreditReadStatus.Unavailable"/> and not thrown.
    /// </summary>
    public async ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
    {
        try
        {
            return await _reads.Value.ExecuteAsync(
                static async (state, token) =>
                {
                    await using var scope = state.Self._scopes.CreateAsyncScope();
                    var reader = scope.ServiceProvider.GetRequiredService<ICreditReader>();

                    // The wait ends at the timeout even if the reader ignores its cancellation token. If the wait did not end, all later
                    // loads for the same user would be blocked.
                    return await reader.ReadAsync(state.Session, token).AsTask().WaitAsync(token).ConfigureAwait(false);
                },
                (Self: this, Session: session),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.ReadFailed(exception, session.User, GetReason(exception));
            return CreditReadResult.Unavailable with { Reason = (exception as CreditStoreException)?.Reason };
        }
    }

    /// <summary>Reads a page of a credit history with retries. The timeout includes all attempts.</summary>
    /// <exception cref="CreditStoreException">The store could not be read.</exception>
    /// <exception cref="NotSupportedException">The store has no credit histories.</exception>
    public async ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken)
    {
        var store = _store as ICreditStoreHistory
            ?? throw new NotSupportedException("The credit store does not implement ICreditStoreHistory.");
        try
        {
            return await _histories.Value.ExecuteAsync(
                static async (state, token) => await state.Store.ReadHistoryAsync(state.User, state.Before, state.Limit, token)
                    .AsTask().WaitAsync(token).ConfigureAwait(false),
                (Store: store, User: user, Before: before, Limit: limit),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && StoreFailure.IsOutage(exception))
        {
            _logger.HistoryReadFailed(exception, user, GetReason(exception));
            throw exception as CreditStoreException
                ?? new CreditStoreException("The credit history could not be read.", isTransient: true, innerException: exception);
        }
    }

    /// <summary>Lists open reservations with retries. The timeout includes all attempts.</summary>
    /// <exception cref="CreditStoreException">The store could not be read.</exception>
    /// <exception cref="NotSupportedException">The store cannot list reservations.</exception>
    public async ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken)
    {
        var store = _store as ICreditStoreReservations ?? throw new NotSupportedException("The credit store cannot list reservations.");
        try
        {
            return await _reservations.Value.ExecuteAsync(
                static async (state, token) => await state.Store.ListOpenReservationsAsync(state.User, state.After, state.Limit, token)
                    .AsTask().WaitAsync(token).ConfigureAwait(false),
                (Store: store, User: user, After: after, Limit: limit),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && StoreFailure.IsOutage(exception))
        {
            _logger.ReservationsReadFailed(exception, GetReason(exception));
            throw exception as CreditStoreException
                ?? new CreditStoreException("The reservations could not be listed.", isTransient: true, innerException: exception);
        }
    }

    /// <summary>
    /// Applies a command with retries. If the response to one attempt was lost, this attempt may have taken effect even if a later attempt
    /// did not take effect. If the effect is uncertain, the result is <see cref="CreditCommandStatus.Unknown"/>. Each attempt has a
    /// deadline, so that an attempt that arrives at the store late has no effect after the sender has stopped waiting.
    /// </summary>
    public async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        var store = _store ?? throw new InvalidOperationException("There is no credit store.");
        var attempts = new Attempts(store, command, _time, _attemptTimeout);
        try
        {
            var result = await _commands.Value
                .ExecuteAsync(static (attempts, token) => attempts.ApplyAsync(token), attempts, cancellationToken)
                .ConfigureAwait(false);
            if (result.Status is CreditCommandStatus.Insufficient or CreditCommandStatus.Expired && attempts.MayStillArrive)
            {
                // The lost attempt may still arrive before its deadline. If the balance has increased before it arrives, the lost
                // attempt would charge the user.
                return CreditCommandResult.Unknown;
            }

            if (command is CreditCommand.Claim && result.Status == CreditCommandStatus.Superseded && attempts.HasLostResponse)
            {
                // The lost attempt of this claim may have taken over the reservation itself.
                return CreditCommandResult.Unknown;
            }

            if (result.Status != CreditCommandStatus.Busy)
            {
                return result;
            }

            _logger.CommandBusy(command.GetType().Name, command.User);
            return attempts.HasLostResponse ? CreditCommandResult.Unknown : result;
        }
        catch (CreditStoreException exception) when (!exception.IsTransient && !attempts.HasLostResponse)
        {
            // The failure is permanent (a configuration error) and the command had no effect. The result is Busy, so that the caller may
            // retry after the configuration is fixed.
            _logger.CommandRejected(exception, command.GetType().Name, command.User, exception.Message);
            return CreditCommandResult.Busy;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && StoreFailure.IsOutage(exception))
        {
            _logger.CommandFailed(exception, command.GetType().Name, command.User, GetReason(exception));
            return CreditCommandResult.Unknown;
        }
    }

    // A read has one timeout for all attempts, because a cached balance can be returned instead.
    private static ResiliencePipeline<CreditReadResult> BuildReads(
        CreditOptions options, TimeProvider time, Randomizer randomizer, CreditMetrics metrics)
    {
        var reads = new ResiliencePipelineBuilder<CreditReadResult> { TimeProvider = time }.AddTimeout(options.AttemptTimeout);
        AddRetry(reads, options, randomizer, static result => result.Status == CreditReadStatus.Unavailable, metrics.ReadRetried);
        return reads.Build();
    }

    private static ResiliencePipeline<T> BuildLists<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(
        CreditOptions options, TimeProvider time, Randomizer randomizer, CreditMetrics metrics)
    {
        var lists = new ResiliencePipelineBuilder<T> { TimeProvider = time }.AddTimeout(options.AttemptTimeout);
        AddRetry(lists, options, randomizer, static _ => false, metrics.ReadRetried);
        return lists.Build();
    }

    // Each attempt of a command has its own timeout, because no cached value can be returned instead of its result.
    private static ResiliencePipeline<CreditCommandResult> BuildCommands(
        CreditOptions options, TimeProvider time, Randomizer randomizer, CreditMetrics metrics)
    {
        var commands = new ResiliencePipelineBuilder<CreditCommandResult> { TimeProvider = time };
        AddRetry(
            commands,
            options,
            randomizer,
            static result => result.Status is CreditCommandStatus.Unknown or CreditCommandStatus.Busy,
            metrics.CommandRetried);
        return commands.AddTimeout(options.AttemptTimeout).Build();
    }

    private static void AddRetry<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(
        ResiliencePipelineBuilder<T> builder, CreditOptions options, Randomizer randomizer, Func<T, bool> isLost, Action retried)
    {
        if (options.MaxAttempts == 1)
        {
            return;
        }

        var retry = new RetryStrategyOptions<T>
        {
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is { } exception ? StoreFailure.IsTransient(exception) : isLost(arguments.Outcome.Result!)),
            OnRetry = _ =>
            {
                retried();
                return default;
            },
        };
        RetryDelays.Apply(
            retry,
            options.MaxAttempts,
            options.RetryDelay,
            static exception => (exception as CreditStoreException)?.RetryAfter,
            randomizer);
        builder.AddRetry(retry);
    }

    // Returns the reason for the log message. The message of a CreditStoreException is intended for operators. Database exceptions derive
    // from ExternalException, and their messages begin with the error code. The message of any other exception may be long, so only its
    // type is returned. The log entry also contains the exception itself.
    private static string GetReason(Exception exception) => exception switch
    {
        TimeoutRejectedException => "timed out",
        CreditStoreException => exception.Message,
        ExternalException => $"{exception.GetType().Name}: {GetFirstLine(exception.Message)}",
        _ => exception.GetType().Name,
    };

    private static string GetFirstLine(string text)
    {
        const int MaxLength = 200;
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        return text[..Math.Min(end < 0 ? text.Length : end, MaxLength)];
    }

    /// <summary>Represents the attempts of one command, and records whether the response to an attempt was lost.</summary>
    private sealed class Attempts(ICreditStore store, CreditCommand command, TimeProvider time, TimeSpan timeout)
    {
        private DateTimeOffset _lastLostDeadline = DateTimeOffset.MinValue;

        public bool HasLostResponse { get; private set; }

        /// <summary>Gets a value that indicates whether a lost attempt could still take effect.</summary>
        public bool MayStillArrive => time.GetUtcNow() <= _lastLostDeadline;

        public async ValueTask<CreditCommandResult> ApplyAsync(CancellationToken cancellationToken)
        {
            var attempt = command with { Deadline = time.GetUtcNow() + timeout };
            try
            {
                // The wait ends at the timeout even if the store ignores its cancellation token.
                var result = await store.ApplyAsync(attempt, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
                if (result.Status == CreditCommandStatus.Unknown)
                {
                    Lose(attempt);
                }

                return result;
            }
            catch (Exception exception) when (exception is not CreditStoreException { IsTransient: false })
            {
                Lose(attempt);
                throw;
            }
        }

        private void Lose(CreditCommand attempt)
        {
            HasLostResponse = true;
            _lastLostDeadline = attempt.Deadline!.Value;
        }
    }
}
