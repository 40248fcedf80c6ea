using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Runs all probes concurrently. Each probe has its own DI scope and its own timeout.</summary>
internal sealed class SessionHealthMonitor(
    IEnumerable<ProbeRegistration> probes,
    IServiceScopeFactory scopes,
    IOptions<HealthOptions> options,
    TimeProvider time,
    ILogger<SessionHealthMonitor> logger) : ISessionHealthMonitor
{
    private readonly ProbeRegistration[] _probes = [.. probes];

    public async ValueTask<SessionHealthReport> CheckAsync(UserSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        cancellationToken.ThrowIfCancellationRequested();
        var results = await Task.WhenAll(_probes.Select(probe => ProbeAsync(probe, session, cancellationToken))).ConfigureAwait(false);
        return new SessionHealthReport([.. results.Select(static result => result.Entry)])
        {
            Credits = results.Select(static result => result.Result.Credits).FirstOrDefault(static credits => credits is not null),
        };
    }

    private async Task<(SessionHealthReportEntry Entry, ProbeResult Result)> ProbeAsync(
        ProbeRegistration probe, UserSession session, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var timeout = new CancellationTokenSource(options.Value.ProbeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = time.GetTimestamp();
        var result = await RunAsync(probe, scope.ServiceProvider, session, both.Token, cancellationToken).ConfigureAwait(false);
        var entry = new SessionHealthReportEntry
        {
            Name = probe.Name,
            Status = result.Status,
            Reason = result.Reason,
            Duration = time.GetElapsedTime(started),
        };
        return (entry, result);
    }

    private async Task<ProbeResult> RunAsync(
        ProbeRegistration probe, IServiceProvider services, UserSession session, CancellationToken limited, CancellationToken caller)
    {
        try
        {
            // The wait for a probe ends at the timeout even if the probe ignores its cancellation token, so that one probe cannot delay the
            // other probes.
            var instance = (ISessionProbe)services.GetRequiredService(probe.Implementation);
            return await instance.ProbeAsync(session, limited).AsTask().WaitAsync(limited).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            logger.ProbeTimedOut(probe.Name, options.Value.ProbeTimeout);
            return ProbeResult.Inconclusive("timed_out");
        }
        catch (Exception exception)
        {
            logger.ProbeFailed(exception, probe.Name);
            return ProbeResult.Inconclusive("failed");
        }
    }
}
