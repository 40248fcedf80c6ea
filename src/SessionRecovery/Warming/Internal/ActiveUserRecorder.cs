using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Warming.Internal;

/// <summary>
/// Records the active users in the store once a minute, and once more for the next start when the host stops. A request only marks the
/// cache slot of its user, and this service reads the marks.
/// </summary>
internal sealed class ActiveUserRecorder(
    CreditCache cache,
    UserHandOver handOver,
    IOptions<WarmingOptions> options,
    TimeProvider time,
    ILogger<ActiveUserRecorder> logger,
    IActiveUserSource? source = null) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // The maximum duration of one call to the store.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    // A stopping host records the users who were active in the current period or in one of the four periods before it.
    private const int PresentPeriods = 5;

    private readonly IActiveUserStore? _store = source as IActiveUserStore;
    private readonly Lock _gate = new();
    private PeriodicTimer? _timer;
    private Task? _handedOver;
    private int _recordedPeriod;
    private bool _hasFailed;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The first minute begins with the start of the host. The timer is created here, because ExecuteAsync runs on the thread pool and may
    // begin later.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Enabled)
        {
            _timer = new PeriodicTimer(Interval, time);
        }

        return base.StartAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Begins to record the active users for the next start, while the server completes its requests.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _ = BeginHandOver();
        return Task.CompletedTask;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);

        // The calls to the store and to the cache have their own timeouts. The calls may continue after the host's shutdown timeout,
        // because the store is closed only after this service has stopped.
        await BeginHandOver().ConfigureAwait(false);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_store is null || _timer is not { } timer)
        {
            return;
        }

        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var ended = cache.BeginPeriod();
                if (await TryRecordAsync(_store, _recordedPeriod + 1, stoppingToken).ConfigureAwait(false))
                {
                    _recordedPeriod = ended;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hand-over records the users of the current period.
        }
    }

    private Task BeginHandOver()
    {
        lock (_gate)
        {
            return _handedOver ??= options.Value.Enabled ? Task.Run(HandOverAsync) : Task.CompletedTask;
        }
    }

    // A store that can record active users is preferred, because the next start can read the users and their balances from it in one call.
    // The host's distributed cache is used if the source cannot record users, or if the store does not respond.
    private async Task HandOverAsync()
    {
        var since = Math.Max(1, cache.Period - PresentPeriods + 1);
        var isRecorded = _store is not null && await TryRecordAsync(_store, since, CancellationToken.None).ConfigureAwait(false);
        if (!isRecorded && handOver.IsAvailable && cache.GetUsers(since, options.Value.MaxUsers) is { Count: > 0 } users)
        {
            await handOver.SaveAsync(users).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryRecordAsync(IActiveUserStore store, int since, CancellationToken cancellationToken)
    {
        var users = cache.GetUsers(since, options.Value.MaxUsers);
        if (users.Count == 0)
        {
            return true;
        }

        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var token = both.Token;
            await Task.Run(() => store.RecordAsync(users, token).AsTask(), token).WaitAsync(token).ConfigureAwait(false);
            _hasFailed = false;
            return true;
        }
        catch (Exception exception)
        {
            if (!_hasFailed && !cancellationToken.IsCancellationRequested)
            {
                _hasFailed = true;
                logger.UsersNotRecorded(exception);
            }

            return false;
        }
    }
}
