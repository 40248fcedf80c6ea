using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Runs the probes side by side, each in a scope and with a time-out of its own.</summary>
internal sealed class SessionHealthMonitor(
    IServiceScopeFactory scopes,
    IOptions<HealthOptions> options,
    TimeProvider time,
    ILogger<SessionHealthMonitor> logger) : ISessionHealthMonitor
{
    public async ValueTask<SessionHealthReport> CheckAsync(UserSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        await using (var scope = scopes.CreateAsyncScope())
        {
            count = scope.ServiceProvider.GetServices<ISessionProbe>().Count();
        }

        var checks = await Task.WhenAll(Enumerable.Range(0, count).Select(index => ProbeAsync(index, session, cancellationToken))).ConfigureAwait(false);
        return new SessionHealthReport(checks);
    }

    private async Task<SessionHealthReportEntry> ProbeAsync(int index, UserSession session, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var probe = scope.ServiceProvider.GetServices<ISessionProbe>().ElementAt(index);
        using var timeout = new CancellationTokenSource(options.Value.ProbeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = time.GetTimestamp();
        var result = await AskAsync(probe, session, both.Token, cancellationToken).ConfigureAwait(false);
        return new SessionHealthReportEntry(probe.Name, result.Status, result.Reason, time.GetElapsedTime(started));
    }

    private async Task<ProbeResult> AskAsync(ISessionProbe probe, UserSession session, CancellationToken bounded, CancellationToken callers)
    {
        try
        {
            // A probe that ignores its token is left behind, so that it can't hold up the others.
            return await probe.ProbeAsync(session, bounded).AsTask().WaitAsync(bounded).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (callers.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (bounded.IsCancellationRequested)
        {
            logger.ProbeTimedOut(probe.Name, options.Value.ProbeTimeout);
            return ProbeResult.Inconclusive("timed_out");
        }
        catch (Exception exception)
        {
            logger.ProbeFailed(probe.Name, exception.GetType().Name);
            return ProbeResult.Inconclusive("failed");
        }
    }
}
