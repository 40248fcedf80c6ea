using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Credits that are reserved for work in progress. Capture spends them, release returns them. Without either they return to the user when
/// the reservation expires. Thread-safe.
/// </summary>
/// <remarks>
/// Disposing an open reservation releases it. It does not release after a capture whose result is
/// <see cref="CreditCommandStatus.Unknown"/>: the credits may have been spent, and capturing again is safe.
/// </remarks>
public sealed class CreditReservation : IAsyncDisposable
{
    private readonly CreditCommandSender _sender;
    private readonly Lock _gate = new();
    private Task<CreditCommandResult>? _capture;
    private bool _isReleased;

    internal CreditReservation(CreditCommandSender sender, UserId user, long amount, Guid id, int attempt)
    {
        _sender = sender;
        User = user;
        Amount = amount;
        Id = id;
        Attempt = attempt;
    }

    /// <summary>Gets the identifier of the reservation in the store.</summary>
    public Guid Id { get; }

    /// <summary>
    /// Gets the attempt number of this reservation's key. It is the fencing token: the store rejects commands of older attempts.
    /// </summary>
    public int Attempt { get; }

    /// <summary>Gets the user whose credits are reserved.</summary>
    public UserId User { get; }

    /// <summary>Gets the reserved amount in whole credits.</summary>
    public long Amount { get; }

    private bool MayCapture => _capture is { IsCompleted: true, IsCompletedSuccessfully: false }
        or { IsCompletedSuccessfully: true, Result.Status: CreditCommandStatus.Unknown or CreditCommandStatus.Busy };

    // A capture with the result Unknown may have spent the credits; a capture with the result Busy has not.
    private bool MayRelease => _capture is null or { IsCompletedSuccessfully: true, Result.Status: CreditCommandStatus.Busy };

    /// <summary>Spends the reserved credits.</summary>
    /// <param name="response">The response for a repeat with the same key. Later calls do not replace it.</param>
    /// <param name="cancellationToken">Cancels the wait. The capture may take effect nevertheless.</param>
    /// <returns>
    /// The result. A later call returns the result of the first one, unless that was <see cref="CreditCommandStatus.Unknown"/> or
    /// <see cref="CreditCommandStatus.Busy"/>: then it captures again with the same identifier and attempt.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public Task<CreditCommandResult> CaptureAsync(StoredResponse? response = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var capture = _capture;
            if (capture is null || MayCapture)
            {
                _capture = capture = _sender.SendAsync(
                    new CreditCommand.Capture(User, Id, Attempt, response), CancellationToken.None).AsTask();
            }

            return capture.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns the reserved credits to the user. It changes nothing after a capture.</summary>
    /// <param name="cancellationToken">
    /// Cancels the command. <see cref="DisposeAsync"/> repeats a release that was canceled or whose result is <see
    /// cref="CreditCommandStatus.Unknown"/> or <see cref="CreditCommandStatus.Busy"/>; without it the reservation expires.
    /// </param>
    /// <returns>The result of the release, or that of the capture if the reservation was captured.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public async Task<CreditCommandResult> ReleaseAsync(CancellationToken cancellationToken = default)
    {
        Task<CreditCommandResult>? capture;
        lock (_gate)
        {
            capture = MayRelease ? null : _capture;
        }

        if (capture is not null)
        {
            return await capture.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var result = await _sender.SendAsync(new CreditCommand.Release(User, Id, Attempt), cancellationToken).ConfigureAwait(false);
        if (result.Status is not (CreditCommandStatus.Unknown or CreditCommandStatus.Busy))
        {
            lock (_gate)
            {
                _isReleased = true;
            }
        }

        return result;
    }

    /// <summary>Extends the reservation. If it has expired, its credits are reserved again when the balance suffices.</summary>
    /// <param name="lifetime">The lifetime from now, 1 second to 24 hours.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lifetime"/> is outside its limits.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public async Task<CreditCommandResult> RenewAsync(TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        await _sender.SendAsync(new CreditCommand.Renew(User, Id, Attempt, lifetime), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Releases the reservation if it was neither captured nor released. No result is reported, because the reservation expires if the
    /// release is lost.
    /// </summary>
    /// <returns>A task that completes when the store has responded.</returns>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isReleased || !MayRelease)
            {
                return;
            }
        }

        await ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
