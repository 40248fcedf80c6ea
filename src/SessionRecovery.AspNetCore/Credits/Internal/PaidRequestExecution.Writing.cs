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
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            ThrowIfStreamFailed();
            if (_state == PaidRequestState.Buffering && !buffer.IsEmpty)
            {
                await LeaveBufferIfDueAsync(buffer.Length, cancellationToken).ConfigureAwait(false);
            }

            _copy.Append(buffer.Span);
            if (_state is PaidRequestState.Streaming or PaidRequestState.Passing or PaidRequestState.PassingUnpaid)
            {
                await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            else if (_state == PaidRequestState.Buffering && !buffer.IsEmpty && IsSuccess)
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
            ThrowIfStreamFailed();
            if (_state == PaidRequestState.Buffering && IsSuccess && IsStream)
            {
                await StartStreamingAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_state is PaidRequestState.Streaming or PaidRequestState.Passing or PaidRequestState.PassingUnpaid)
            {
                await _body.Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
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

    private async ValueTask LeaveBufferIfDueAsync(int count, CancellationToken cancellationToken)
    {
        if (IsSuccess && IsStream)
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
        _state = PaidRequestState.Streaming;
        _work.ResponseIsSent();
        await _body.StartAsync(cancellationToken).ConfigureAwait(false);
        await SendAsync(_copy.Bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Buffering to Passing or Rejected: captures before the first byte. The body is not stored.</summary>
    private async Task StartPassingAsync(CancellationToken cancellationToken)
    {
        await CaptureEarlyAsync(PaidResponseStorage.Create(Response, body: null)).ConfigureAwait(false);
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

        try
        {
            await _body.Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client did not receive the bytes before the work ended. The credits are captured as after a disconnect.
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
            if (!_isCompleted && _state == PaidRequestState.Buffering && IsSuccess && _copy.Written > 0)
            {
                await StartStreamingAsync(_work.Token).ConfigureAwait(false);
                await _body.Stream.FlushAsync(_work.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // The handler's next write throws this exception.
            _streamFault = exception;
        }
        finally
        {
            _gate.Release();
        }
    }

    private void ThrowIfStreamFailed()
    {
        if (_streamFault is { } fault)
        {
            throw new IOException("The response could not be sent.", fault);
        }
    }
}
