using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The state transitions that the handler's writes and flushes cause.</summary>
internal sealed partial class PaidRequestExecution
{
    // The time after a write at which a response becomes a stream if the handler still runs. The framework's results end right after their
    // last write, so they do not become streams.
    private static readonly TimeSpan StreamDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Receives bytes that the handler writes.</summary>
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
    /// Flushes the bytes that have been sent. A flush does not send a buffered response, because the framework also flushes at the end of a
    /// response that is no stream. If the response is declared a stream, the flush sends it.
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
    /// Starts the response if it is declared a stream. Any other response starts only after the capture, although JSON and text results
    /// start it before they write.
    /// </summary>
    public Task StartAsync(CancellationToken cancellationToken) => IsStream ? FlushAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Buffering to Passing or Rejected: captures before the connection is handed over, for example to a WebSocket.</summary>
    public async Task CaptureBeforeHandOverAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_state == PaidRequestState.Buffering)
            {
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

    // The response of a client that has left is not sent but stored, so that a repeat receives it whole.
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

    /// <summary>Buffering to Streaming: sends what the handler has written. The credits stay reserved.</summary>
    private async Task StartStreamingAsync(CancellationToken cancellationToken)
    {
        _head = PaidResponseStorage.ReadHead(Response);
        await _body.StartAsync(CancellationToken.None).ConfigureAwait(false);
        _state = PaidRequestState.Streaming;
        _work.ResponseIsSent();
        await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Buffering to Passing or Rejected: captures before the first byte. The body is not stored.</summary>
    private async Task StartPassingAsync(CancellationToken cancellationToken)
    {
        await CaptureEarlyAsync(PaidResponseStorage.ReadHead(Response).WithBody(null)).ConfigureAwait(false);
        if (_state == PaidRequestState.Passing)
        {
            await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Buffering to PassingUnpaid: releases before the first byte of a large error response.</summary>
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

        // Counted before the write, because a write that fails may have sent a part.
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
            // The client did not receive the bytes before the work was canceled. The credits are captured as after a disconnect.
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
            if (!_isCompleted && !_isAborted && _state == PaidRequestState.Buffering && MayStream && _copy.Written > 0)
            {
                await StartStreamingAsync(_work.ClientDisconnected).ConfigureAwait(false);
                await DeliverAsync(_body.Stream.FlushAsync, _work.ClientDisconnected).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // A stream that did not start remains buffered. The fault of one that did is reported by the handler's next write.
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
