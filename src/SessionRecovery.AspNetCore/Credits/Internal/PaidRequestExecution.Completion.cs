using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The state transitions at the end of the handler.</summary>
internal sealed partial class PaidRequestExecution
{
    // Part of the stream was sent before the client disconnected. The credits are then captured, because a disconnect must not return them.
    private bool HasClientLeftStream => _copy.Written > 0 && (_isStalled || _work.ClientDisconnected.IsCancellationRequested);

    /// <summary>
    /// Ends the response after the handler has completed. In the states Passing and PassingUnpaid, it has been sent already.
    /// </summary>
    private async Task CompleteAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        if (_state is PaidRequestState.Buffering or PaidRequestState.Streaming && IsTruncated && !HasClientLeftStream)
        {
            _state = PaidRequestState.Aborted;
        }

        await (_state switch
        {
            PaidRequestState.Buffering when IsSuccess => CompletePaidAsync(),
            PaidRequestState.Buffering => CompleteUnpaidAsync(),
            PaidRequestState.Streaming => CompleteStreamAsync(),
            PaidRequestState.Rejected => CompleteRejectedAsync(_rejection!),
            PaidRequestState.Aborted => CompleteAbortedAsync(),
            _ => Task.CompletedTask,
        }).ConfigureAwait(false);
    }

    /// <summary>Ends the request after the handler failed. Returns whether a problem is sent in place of the handler's exception.</summary>
    private async Task<bool> TryFailAsync(Exception exception)
    {
        await CloseAsync().ConfigureAwait(false);
        switch (_state)
        {
            case PaidRequestState.Streaming when HasClientLeftStream:
                await CaptureAsync(PaidResponseStorage.Create(Response, _copy.ToArray())).ConfigureAwait(false);
                return false;
            case PaidRequestState.Buffering:
                await ReleaseAsync().ConfigureAwait(false);
                return exception is OperationCanceledException && _work.Reason is WorkEnd.MaxWorkTime or WorkEnd.Stopping;
            case PaidRequestState.Rejected:
                return exception is PaidRequestRejectedException;
            case PaidRequestState.Streaming or PaidRequestState.Aborted:
                await ReleaseAsync().ConfigureAwait(false);
                return false;
            default:
                return false;
        }
    }

    private Task SendFailureAsync(Exception exception) => exception is PaidRequestRejectedException
        ? CompleteRejectedAsync(_rejection!)
        : SendProblemAsync(_work.Reason == WorkEnd.Stopping ? Problems.Stopping : Problems.WorkTimeExceeded);

    /// <summary>Captures with the whole response, which is stored for a repeat, and sends it.</summary>
    private async Task CompletePaidAsync()
    {
        var result = await CaptureAsync(PaidResponseStorage.Create(Response, _copy.ToArray())).ConfigureAwait(false);
        await (result.Succeeded ? SendBufferAsync() : CompleteRejectedAsync(result)).ConfigureAwait(false);
    }

    /// <summary>Releases and sends the handler's error response.</summary>
    private async Task CompleteUnpaidAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        await SendBufferAsync().ConfigureAwait(false);
    }

    /// <summary>Captures what was sent. If that fails, the connection is closed, so that the client repeats the request.</summary>
    private async Task CompleteStreamAsync()
    {
        var result = await CaptureAsync(PaidResponseStorage.Create(Response, _copy.ToArray())).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            _context.Abort();
        }
    }

    /// <summary>Sends the reason why the capture failed instead of the handler's response.</summary>
    private Task CompleteRejectedAsync(CreditCommandResult result)
    {
        var problem = PaidProblems.Create(result, _reservation.Amount);
        return SendProblemAsync(problem, () => CreditHeaders.Write(Response, _reservation.User, result.Balance));
    }

    /// <summary>Releases and closes the connection.</summary>
    private async Task CompleteAbortedAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        _context.Abort();
    }

    private Task SendProblemAsync(Problem problem, Action? addHeaders = null)
    {
        Response.Clear();
        addHeaders?.Invoke();
        Response.Headers.CacheControl = "private, no-store";
        return problem.ExecuteAsync(_context);
    }

    // The send is canceled only by a client disconnect, because a timeout of the host must not discard a response that was paid for.
    private async Task SendBufferAsync()
    {
        if (!_copy.Bytes.IsEmpty)
        {
            await _body.Stream.WriteAsync(_copy.Bytes, _work.ClientDisconnected).ConfigureAwait(false);
        }
    }

    // From now on, the timer does not change the state.
    private async Task CloseAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isCompleted = true;
        _gate.Release();
    }
}
