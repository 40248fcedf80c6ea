using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Contains the state transitions that the handler causes when it writes or flushes the response.</summary>
internal sealed partial class PaidRequestExecution
{
    // The time after a write at which the response becomes a stream if the handler is still running. The results of ASP.NET Core, such as
    // JSON results, complete immediately after their last write, so their responses do not become streams.
    private static readonly TimeSpan StreamDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Processes the bytes that the handler writes.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            if (_state == PaidRequestState.Buffering)
            {
                await LeaveBufferIfDueAsync(buffer.Length, cancellationToken).ConfigureAwait(false);
            }

            _isWrittenAfterEnd |= _work.IsEndedByServer;
            _copy.Append(buffer.Span);
            if (_state is PaidRequestState.Streaming or PaidRequestState.Passing or PaidRequestState.PassingUnpaid)
            {
                await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            else if (_state == PaidRequestState.Buffering && IsSuccess)
            {
                SetTimer();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Handles a flush of the response by the handler. If the response is declared a stream, the flush sends the buffered bytes. If the
    /// response is not declared a stream, the bytes stay buffered. ASP.NET Core flushes at the end of every such response, so a flush does
    /// not show that the handler wants to send the bytes.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            if (_state == PaidRequestState.Buffering && MayStream && IsStream)
            {
                await StartStreamingAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_state is PaidRequestState.Streaming or PaidRequestState.Passing or PaidRequestState.PassingUnpaid)
            {
                await DeliverAsync(_body.Stream.FlushAsync, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Starts the response if it is declared a stream. A response that is not declared a stream starts only after the capture. The results
    /// of ASP.NET Core for JSON and text call this method earlier.
    /// </summary>
    public Task StartAsync(CancellationToken cancellationToken) => IsStream ? FlushAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Changes the state from Buffering to Passing or Rejected. The credits are captured before the handler takes over the connection, for
    /// example for a WebSocket.
    /// </summary>
    public async Task CaptureBeforeHandOverAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_state == PaidRequestState.Buffering)
            {
                await _paidResponse.RunStartingAsync().ConfigureAwait(false);
                await CaptureEarlyAsync(response: null).ConfigureAwait(false);
            }

            if (_state == PaidRequestState.Rejected)
            {
                throw new PaidRequestRejectedException();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    // If the client has disconnected, the response is not sent, and the whole response is stored for a repeated request.
    private bool MayStream => IsSuccess && !_work.ClientDisconnected.IsCancellationRequested;

    private async ValueTask LeaveBufferIfDueAsync(int count, CancellationToken cancellationToken)
    {
        if (MayStream && IsStream)
        {
            await StartStreamingAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (!_copy.HasRoomFor(count))
        {
            await (IsSuccess ? StartPassingAsync(cancellationToken) : StartPassingUnpaidAsync(cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Changes the state from Buffering to Streaming and sends the bytes that the handler has written. The credits stay reserved.
    /// </summary>
    private async Task StartStreamingAsync(CancellationToken cancellationToken)
    {
        _head = PaidResponseStorage.ReadHead(Response);
        await _body.StartAsync(CancellationToken.None).ConfigureAwait(false);
        _state = PaidRequestState.Streaming;
        _work.ResponseIsSent();
        await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes the state from Buffering to Passing or Rejected. The credits are captured before the first byte is sent, and the body is not
    /// stored.
    /// </summary>
    private async Task StartPassingAsync(CancellationToken cancellationToken)
    {
        await _paidResponse.RunStartingAsync().ConfigureAwait(false);
        await CaptureEarlyAsync(PaidResponseStorage.ReadHead(Response).WithBody(null)).ConfigureAwait(false);
        if (_state == PaidRequestState.Passing)
        {
            await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Changes the state from Buffering to PassingUnpaid. The credits are released before the first byte of a large error response is sent.
    /// </summary>
    private async Task StartPassingUnpaidAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync().ConfigureAwait(false);
        _state = PaidRequestState.PassingUnpaid;
        await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
    }

    private async Task CaptureEarlyAsync(StoredResponse? response)
    {
        var result = await CaptureAsync(response).ConfigureAwait(false);
        _state = result.Succeeded ? PaidRequestState.Passing : PaidRequestState.Rejected;
        _rejection = result.Succeeded ? null : result;
        if (result.Succeeded)
        {
            _work.ResponseIsSent();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        // The bytes are counted before the write, because a failed write may have sent some of the bytes.
        _sent += cancellationToken.IsCancellationRequested ? 0 : bytes.Length;
        await DeliverAsync(token => _body.Stream.WriteAsync(bytes, token).AsTask(), cancellationToken).ConfigureAwait(false);
    }

    private async Task DeliverAsync(Func<CancellationToken, Task> deliver, CancellationToken cancellationToken)
    {
        var wasCanceled = cancellationToken.IsCancellationRequested;
        try
        {
            await deliver(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!wasCanceled)
        {
            // The write was canceled while it waited for the client to receive the bytes. The credits are captured, as after a client
            // disconnect.
            _isStalled = true;
            throw;
        }
    }

    private void SetTimer()
    {
        if (!_isTimerSet)
        {
            _isTimerSet = true;
            _streamTimer.Change(StreamDelay, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task OnTimerAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _isTimerSet = false;
            if (!_isEnding && !_isCompleted && !_isAborted && _state == PaidRequestState.Buffering && MayStream && _copy.Written > 0)
            {
                await StartStreamingAsync(_work.ClientDisconnected).ConfigureAwait(false);
                await DeliverAsync(_body.Stream.FlushAsync, _work.ClientDisconnected).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // If the response did not become a stream, the response stays buffered, and the exception is ignored. If the stream has
            // started, the handler's next write throws the exception.
            _streamFault = _state == PaidRequestState.Streaming ? exception : null;
        }
        finally
        {
            _gate.Release();
        }
    }

    private void ThrowIfClosed()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("The response is complete. A handler must await its writes.");
        }

        if (_streamFault is { } fault)
        {
            throw new IOException("The response could not be sent.", fault);
        }
    }
}
