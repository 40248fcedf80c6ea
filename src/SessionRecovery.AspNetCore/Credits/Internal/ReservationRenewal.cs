using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Renews a reservation at a fixed interval. The renewals stop when the object is disposed, when the maximum work time has passed, or when
/// the reservation is no longer open.
/// </summary>
/// <remarks>
/// The renewals use a timer and not a loop that waits for ticks. Most work ends before the first renewal. A timer that
/// never fires costs almost nothing, but a waiting loop would be canceled with an exception in each request.
/// </remarks>
internal sealed class ReservationRenewal : IAsyncDisposable
{
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(1);

    private readonly CreditReservation _reservation;
    private readonly long _requestedAt;
    private readonly PaidRequestOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private Task _renewing = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Starts the renewals of a reservation.</summary>
    /// <param name="reservation">The reservation.</param>
    /// <param name="requestedAt">
    /// The timestamp before the first attempt of the reserve command. If the response to the first attempt was lost, the lifetime of the
    /// reservation began with the first attempt.
    /// </param>
    /// <param name="options">The options that specify the lifetime and the renewal interval.</param>
    /// <param name="time">The clock.</param>
    public ReservationRenewal(CreditReservation reservation, long requestedAt, PaidRequestOptions options, TimeProvider time)
    {
        _reservation = reservation;
        _requestedAt = requestedAt;
        _options = options;
        _time = time;
        _timer = time.CreateTimer(
            static renewal => ((ReservationRenewal)renewal!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Schedule(requestedAt);
    }

    /// <summary>Stops the renewals, and waits for a renewal that is being sent.</summary>
    public async ValueTask DisposeAsync()
    {
        Task renewing;
        lock (_gate)
        {
            _isDisposed = true;
            renewing = _renewing;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        if (!renewing.IsCompleted)
        {
            await _stopped.CancelAsync().ConfigureAwait(false);
        }

        await renewing.ConfigureAwait(false);
        _stopped.Dispose();
    }

    // Starts the timer for the next renewal. The given timestamp is the time of the previous renewal.
    private void Schedule(long previous)
    {
        var delay = _options.RenewInterval - _time.GetElapsedTime(previous);
        _timer.Change(delay > MinDelay ? delay : MinDelay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_isDisposed && _time.GetElapsedTime(_requestedAt) < _options.MaxWorkTime)
            {
                _renewing = RenewAsync(_time.GetTimestamp());
            }
        }
    }

    private async Task RenewAsync(long startedAt)
    {
        // The command is not sent under the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var result = await _reservation.RenewAsync(_options.ReservationLifetime, _stopped.Token).ConfigureAwait(false);
            if (result.Status is not (CreditCommandStatus.Superseded or CreditCommandStatus.AlreadyClosed))
            {
                Schedule(startedAt);
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The work has ended.
        }
    }
}
