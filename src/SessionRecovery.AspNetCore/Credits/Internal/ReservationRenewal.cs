using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Renews a reservation at a fixed interval. The renewals stop when the object is disposed, when the maximum work time has passed, or when
/// the reservation is no longer open.
/// </summary>
internal sealed class ReservationRenewal : IAsyncDisposable
{
    private static readonly TimeSpan MinPeriod = TimeSpan.FromMilliseconds(1);

    private readonly CreditReservation _reservation;
    private readonly PaidRequestOptions _options;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _renewing;

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
        _options = options;
        _renewing = RenewAsync(requestedAt, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stopped.Dispose();
    }

    private async Task RenewAsync(long requestedAt, TimeProvider time)
    {
        var untilFirst = _options.RenewInterval - time.GetElapsedTime(requestedAt);
        using var timer = new PeriodicTimer(untilFirst > MinPeriod ? untilFirst : MinPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token).ConfigureAwait(false)
                && time.GetElapsedTime(requestedAt) < _options.MaxWorkTime)
            {
                timer.Period = _options.RenewInterval;
                var result = await _reservation.RenewAsync(_options.ReservationLifetime, _stopped.Token).ConfigureAwait(false);
                if (result.Status is CreditCommandStatus.Superseded or CreditCommandStatus.AlreadyClosed)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The work has ended, so the renewals stop.
        }
    }
}
