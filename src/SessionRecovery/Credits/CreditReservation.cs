using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents credits that are reserved for work in progress. A capture spends the credits, a settlement spends a part of them, and a
/// release returns them to the user. If the reservation is neither captured, settled nor released, it expires, and the credits return to
/// the user. The type is thread-safe.
/// </summary>
/// <remarks>
/// Disposing an open reservation releases it, unless it was claimed (<see cref="ICreditLedger.ClaimAsync"/>) or reserved with
/// <see cref="CreditReservationOptions.KeepOnDispose"/>. After a capture with the result <see cref="CreditCommandStatus.Unknown"/>,
/// disposing does not release the reservation, because the credits may have been spent. The capture can be repeated safely.
/// </remarks>
public sealed class CreditReservation : IAsyncDisposable
{
    private readonly CreditCommandSender _sender;
    private readonly Lock _gate = new();
    private Task<CreditCommandResult>? _capture;
    private long _capturedAmount;
    private CreditCommand.Settle? _settlement;
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
    /// Gets the attempt number of the reservation. The number is a fencing token: the store rejects commands with an older attempt number.
    /// </summary>
    public int Attempt { get; }

    /// <summary>Gets the user whose credits are reserved.</summary>
    public UserId User { get; }

    /// <summary>Gets the reserved amount in whole credits.</summary>
    public long Amount { get; }

    internal bool KeepsOnDispose { get; init; }

    private bool MayCapture => _capture is { IsCompleted: true, IsCompletedSuccessfully: false }
        or { IsCompletedSuccessfully: true, Result.Status: CreditCommandStatus.Unknown or CreditCommandStatus.Busy };

    // A capture with the result Unknown may have spent the credits. A capture with the result Busy has not spent the credits.
    private bool MayRelease =>
        IsCaptureUnsupported || _capture is null or { IsCompletedSuccessfully: true, Result.Status: CreditCommandStatus.Busy };

    // A store that does not know a command has not applied it.
    private bool IsCaptureUnsupported => _capture is { IsFaulted: true, Exception.InnerException: NotSupportedException };

    /// <summary>Spends the reserved credits.</summary>
    /// <param name="response">
    /// The response that a repeated request with the same key will receive. Later calls do not replace this response.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The capture may still take effect.</param>
    /// <returns>
    /// The result. A later call returns the result of the first call, unless that result was <see cref="CreditCommandStatus.Unknown"/> or
    /// <see cref="CreditCommandStatus.Busy"/>. In these two cases, the method sends the command again. If <see cref="SettleAsync"/> was
    /// called before, this method returns the result of the settlement, or repeats the settlement with its amount.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public Task<CreditCommandResult> CaptureAsync(StoredResponse? response = null, CancellationToken cancellationToken = default) =>
        SpendAsync(new CreditCommand.Capture(User, Id, Attempt, response), response, amount: null, cancellationToken);

    /// <summary>
    /// Spends the actual price of the work, and returns the remaining reserved credits to the user in the same change.
    /// </summary>
    /// <param name="actual">
    /// The amount to charge in whole credits, 0 to <see cref="Amount"/>. With the amount 0, nothing is charged, but the reservation is
    /// captured: its key is used, and <paramref name="response"/> is stored.
    /// </param>
    /// <param name="response">
    /// The response that a repeated request with the same key will receive. Later calls do not replace this response.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The settlement may still take effect.</param>
    /// <returns>
    /// The result. A later call with the same amount returns the result of the first call, or sends the command again after
    /// <see cref="CreditCommandStatus.Unknown"/> or <see cref="CreditCommandStatus.Busy"/>. If the reservation was captured with another
    /// amount, the status is <see cref="CreditCommandStatus.KeyConflict"/>. A reservation that has expired is settled if the available
    /// credits suffice for <paramref name="actual"/>. If they do not suffice, the status is <see cref="CreditCommandStatus.Expired"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="actual"/> is negative or greater than <see cref="Amount"/>. No command was sent.
    /// </exception>
    /// <exception cref="NotSupportedException">The store does not support settlements.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public Task<CreditCommandResult> SettleAsync(
        long actual, StoredResponse? response = null, CancellationToken cancellationToken = default)
    {
        if (actual < 0 || actual > Amount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(actual), actual, $"The settled amount must be from 0 to the reserved amount, which is {Amount}.");
        }

        return SpendAsync(new CreditCommand.Settle(User, Id, Attempt, actual, response), response, actual, cancellationToken);
    }

    /// <summary>Returns the reserved credits to the user. The method changes nothing after a capture.</summary>
    /// <param name="cancellationToken">
    /// Cancels the command. If the release was canceled, or if its result is <see cref="CreditCommandStatus.Unknown"/> or
    /// <see cref="CreditCommandStatus.Busy"/>, <see cref="DisposeAsync"/> repeats the release. If the reservation is not disposed, it
    /// expires.
    /// </param>
    /// <returns>The result of the release, or the result of the capture if the reservation was captured.</returns>
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

    /// <summary>
    /// Extends the lifetime of the reservation, and never shortens it. If the reservation has expired, its credits are reserved again if
    /// the balance suffices.
    /// </summary>
    /// <param name="lifetime">
    /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
    /// </param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lifetime"/> is outside its valid range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public async Task<CreditCommandResult> RenewAsync(TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        await _sender.SendAsync(new CreditCommand.Renew(User, Id, Attempt, lifetime), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Releases the reservation if it was neither captured nor released. No error is reported if the release fails, because the reservation
    /// expires by itself. A claimed reservation and a reservation with <see cref="CreditReservationOptions.KeepOnDispose"/> stay open.
    /// </summary>
    /// <returns>A task that completes when the store has responded.</returns>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (KeepsOnDispose || _isReleased || !MayRelease)
            {
                return;
            }
        }

        await ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // A capture after a settlement returns the result of the settlement, independent of the amount of the settlement. If the settlement may
    // not have taken effect, the capture repeats it. For a second settlement with another amount, the store decides the result.
    private Task<CreditCommandResult> SpendAsync(
        CreditCommand command, StoredResponse? response, long? amount, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_capture is null || MayCapture)
            {
                var earlier = IsCaptureUnsupported ? null : _settlement;
                _settlement = command as CreditCommand.Settle ?? (earlier is null
                    ? null
                    : new CreditCommand.Settle(User, Id, Attempt, earlier.Amount, response ?? earlier.Response));
                _capture = _sender.SendAsync(_settlement ?? command, CancellationToken.None).AsTask();
                _capturedAmount = _settlement?.Amount ?? Amount;
            }

            var isRepeat = amount is null || amount == _capturedAmount;
            var result = isRepeat ? _capture : _sender.SendAsync(command, CancellationToken.None).AsTask();
            return result.WaitAsync(cancellationToken);
        }
    }
}
