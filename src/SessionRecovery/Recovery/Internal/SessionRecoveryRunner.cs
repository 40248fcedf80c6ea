using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Runs one recovery, which consists of a health check and the recovery steps.</summary>
internal sealed class SessionRecoveryRunner(
    ISessionHealthMonitor monitor,
    IServiceScopeFactory scopes,
    IOptions<RecoveryOptions> options,
    TimeProvider time,
    RecoveryMetrics metrics,
    ILogger<SessionRecoveryRunner> logger,
    ICreditService? credits = null)
{
    /// <summary>
    /// Runs a recovery within its timeout. Failures are returned as results and not thrown, so that every caller that waits for the
    /// recovery receives the same result.
    /// </summary>
    public async Task<SessionRecoveryResult> RunAsync(UserSession session, string trigger)
    {
        var started = time.GetTimestamp();
        var steps = new List<RecoveryStepResult>();
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        var outcome = SessionRecoveryOutcome.Failed;
        RecoveryContext? context = null;
        Exception? failure = null;
        try
        {
            context = new RecoveryContext(session, trigger, await monitor.CheckAsync(session, timeout.Token).ConfigureAwait(false));
            outcome = await RunStepsAsync(context, steps, timeout.Token).ConfigureAwait(false);
            await CompleteReadAsync(context, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            outcome = SessionRecoveryOutcome.Failed;
            failure = exception;
        }

        try
        {
            Report(session.User, trigger, outcome, time.GetElapsedTime(started), failure, timeout.IsCancellationRequested);
        }
        catch (Exception)
        {
            // An exception of a metrics listener or a log provider is ignored. The recovery itself has completed, and its callers must
            // receive the result.
        }

        return new SessionRecoveryResult { Outcome = outcome, Steps = steps, Credits = context?.LastRead ?? CreditReadResult.Unavailable };
    }

    private void Report(
        UserId user, string trigger, SessionRecoveryOutcome outcome, TimeSpan duration, Exception? failure, bool isTimedOut)
    {
        if (failure is not null)
        {
            logger.RecoveryFailed(failure, user, trigger, isTimedOut ? "timeout" : "error");
        }

        metrics.Recovered(trigger, outcome, duration);
        logger.RecoveryEnded(user, trigger, outcome, duration.TotalMilliseconds);
    }

    private async Task<SessionRecoveryOutcome> RunStepsAsync(
        RecoveryContext context, List<RecoveryStepResult> results, CancellationToken cancellationToken)
    {
        if (context.Health.Status != SessionHealthStatus.Unhealthy)
        {
            return context.Health.Status == SessionHealthStatus.Healthy ? SessionRecoveryOutcome.NotNeeded : SessionRecoveryOutcome.Failed;
        }

        await using var scope = scopes.CreateAsyncScope();
        foreach (var step in scope.ServiceProvider.GetServices<IRecoveryStep>().OrderBy(GetOrder))
        {
            var result = await step.RunAsync(context, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            results.Add(result with { Name = step.Name });
            if (!result.Succeeded)
            {
                return SessionRecoveryOutcome.Failed;
            }
        }

        return SessionRecoveryOutcome.Recovered;
    }

    private static int GetOrder(IRecoveryStep step) => step switch
    {
        VerifyStep => 0,
        ReloadCreditsStep => 1,
        _ => 2,
    };

    // The balance is read again in two cases. If the user has no account, the recovery may create an account, which the health check must
    // not do. If the credits probe timed out, no balance is known.
    private async Task CompleteReadAsync(RecoveryContext context, CancellationToken cancellationToken)
    {
        var isMissing = context.Health.Credits is null && context.LastRead.Status == CreditReadStatus.Unavailable;
        if (credits is not null && (isMissing || context.LastRead.Status == CreditReadStatus.NotFound))
        {
            context.LastRead = await credits.ReadAsync(context.Session, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }
}
