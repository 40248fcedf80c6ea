using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The hold of one paid request: renewed while the handler runs, and ended once.</summary>
internal sealed class PaidHold : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly ICreditLedger _ledger;
    private readonly UserId _user;
    private readonly Guid _reservation;
    private readonly int _attempt;
    private readonly PaidRequestOptions _options;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewing;
    private Task<CreditCommandResult>? _capture;

    /// <param name="ledger">Where it is held.</param>
    /// <param name="user">Whose credits.</param>
    /// <param name="held">The outcome of the reserve.</param>
    /// <param name="askedAt">The timestamp from before the reserve: when its first answer was lost, the hold is as old as that try.</param>
    /// <param name="options">How long a hold lasts and how often it is renewed.</param>
    /// <param name="time">The clock.</param>
    public PaidHold(ICreditLedger ledger, UserId user, CreditCommandResult held, long askedAt, PaidRequestOptions options, TimeProvider time)
    {
        _ledger = ledger;
        _user = user;
        _reservation = held.Reservation ?? throw new InvalidOperationException("The store answered a reserve as done without naming the reservation.");
        _attempt = held.Attempt;
        _options = options;
        _renewing = RenewAsync(askedAt, time);
    }

    /// <summary>How the capture ended; <see langword="null"/> while there was none.</summary>
    public CreditCommandResult? Captured => _capture is { IsCompletedSuccessfully: true } capture ? capture.Result : null;

    /// <summary>Pays, once: a second call gets the first one's outcome. Ignores that the client may have left, since the work is done.</summary>
    public Task<CreditCommandResult> CaptureAsync(StoredResponse response) =>
        _capture ??= _ledger.CaptureAsync(_user, _reservation, _attempt, response, CancellationToken.None).AsTask();

    /// <summary>Gives the credits back, unless they were paid. A lost release is no loss: the hold ends by itself.</summary>
    /// <returns>The balance after it, where the store gave one.</returns>
    public async Task<CreditBalance?> ReleaseAsync() =>
        _capture is null
            ? (await _ledger.ReleaseAsync(_user, _reservation, _attempt, CancellationToken.None).ConfigureAwait(false)).Balance
            : null;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task RenewAsync(long askedAt, TimeProvider time)
    {
        var untilFirst = _options.RenewInterval - time.GetElapsedTime(askedAt);
        using var timer = new PeriodicTimer(untilFirst > Shortest ? untilFirst : Shortest, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
            {
                timer.Period = _options.RenewInterval;
                var outcome = await _ledger.RenewAsync(_user, _reservation, _attempt, _options.ReservationLifetime, _ended.Token).ConfigureAwait(false);
                if (outcome.Status is CreditCommandStatus.Superseded or CreditCommandStatus.AlreadyClosed)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The work is over.
        }
    }
}
