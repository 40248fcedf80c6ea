using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Caching.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Diagnostics.Internal;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery.Internal;

/// <summary>The walk of a recovery: one flight per user and token, cooldown, monitor, steps, report.</summary>
internal sealed class SessionRecoveryService(
    ISessionHealthMonitor monitor,
    IServiceScopeFactory scopes,
    IOptions<RecoveryOptions> options,
    TimeProvider time,
    CoreMetrics metrics,
    ILogger<SessionRecoveryService> logger,
    ICreditService? credits = null) : ISessionRecoveryService
{
    private readonly Lock _gate = new();
    private readonly BoundedMap<(UserId, string?), RecoveryFlight> _flights = new(options.Value.MaxTrackedUsers);

    public async ValueTask<SessionRecoveryResult> RecoverAsync(UserSession session, string trigger, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trigger);
        cancellationToken.ThrowIfCancellationRequested();
        var (flight, repeated) = Join(session, trigger);
        var report = await flight.Report.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!repeated)
        {
            return report;
        }

        var left = flight.CooldownLeft(time, options.Value.Cooldown);
        return report with
        {
            Repeated = true,
            RetryAfter = report.Outcome == SessionRecoveryOutcome.Failed && left > TimeSpan.Zero ? left : null,
        };
    }

    private (RecoveryFlight Flight, bool Repeated) Join(UserSession session, string trigger)
    {
        // Not the token itself: this map outlives the sign-in.
        var key = (session.User, session.Token?.Fingerprint());
        lock (_gate)
        {
            if (_flights.TryGet(key, out var flight))
            {
                if (!flight.Report.IsCompleted)
                {
                    return (flight, false);
                }

                if (flight.CooldownLeft(time, options.Value.Cooldown) > TimeSpan.Zero)
                {
                    return (flight, true);
                }
            }

            var completion = new TaskCompletionSource<SessionRecoveryResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            flight = new RecoveryFlight(completion.Task);
            _flights.Set(key, flight);
            Start(flight, completion, session, trigger);
            return (flight, false);
        }
    }

    // Detached: the caller that happened to be first may leave, and its request's context ends with it.
    private void Start(RecoveryFlight flight, TaskCompletionSource<SessionRecoveryResult> completion, UserSession session, string trigger)
    {
        var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        using (flow)
        {
            _ = Task.Run(async () =>
            {
                var report = new SessionRecoveryResult(SessionRecoveryOutcome.Failed, [], CreditReadResult.Unavailable);
                try
                {
                    report = await RunAsync(session, trigger).ConfigureAwait(false);
                }
                finally
                {
                    // Whatever a listener or a logger threw: nobody may join a flight that never lands.
                    flight.End(time.GetTimestamp());
                    completion.TrySetResult(report);
                }
            });
        }
    }

    private async Task<SessionRecoveryResult> RunAsync(UserSession session, string trigger)
    {
        var started = time.GetTimestamp();
        var name = RecoveryTriggers.ToName(trigger);
        var steps = new List<RecoveryStepResult>();
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        var outcome = SessionRecoveryOutcome.Failed;
        var reading = CreditReadResult.Unavailable;
        try
        {
            outcome = await TryAsync(session, steps, timeout.Token).ConfigureAwait(false);
            reading = credits is null ? CreditReadResult.Unavailable : await credits.ReadAsync(session, cancellationToken: timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            outcome = SessionRecoveryOutcome.Failed;
            logger.RecoveryFailed(session.User, name, timeout.IsCancellationRequested ? "time-out" : exception.GetType().Name);
        }

        var duration = time.GetElapsedTime(started);
        metrics.Recovered(name, outcome, duration);
        logger.RecoveryEnded(session.User, name, outcome, duration.TotalMilliseconds);
        return new SessionRecoveryResult(outcome, steps, reading);
    }

    private async Task<SessionRecoveryOutcome> TryAsync(UserSession session, List<RecoveryStepResult> steps, CancellationToken cancellationToken)
    {
        var health = await monitor.CheckAsync(session, cancellationToken).ConfigureAwait(false);
        if (health.Status == SessionHealthStatus.Healthy)
        {
            return SessionRecoveryOutcome.NotNeeded;
        }

        if (health.Status == SessionHealthStatus.Inconclusive)
        {
            return SessionRecoveryOutcome.Failed;
        }

        await using var scope = scopes.CreateAsyncScope();
        foreach (var step in scope.ServiceProvider.GetServices<IRecoveryStep>())
        {
            var reason = await step.RunAsync(session, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            steps.Add(new RecoveryStepResult(step.Name, reason is null, reason));
            if (reason is not null)
            {
                return SessionRecoveryOutcome.Failed;
            }
        }

        return SessionRecoveryOutcome.Recovered;
    }
}
