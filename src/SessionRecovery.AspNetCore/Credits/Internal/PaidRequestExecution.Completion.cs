using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The state transitions at the end of the handler.</summary>
internal sealed partial class PaidRequestExecution
{
    /// <summary>
    /// Gets a value that indicates whether part of a stream was sent and the client ended it: the client disconnected, did not receive the
    /// bytes, or set the deadline of a gRPC call. Then the credits are captured, because ending a stream must not return them.
    /// </summary>
    private bool IsEndedByClient => _sent > 0
        && (_isStalled || (_isAborted ? _hadClientLeftAtAbort || IsGrpc : _work.HasClientLeft));

    // The server canceled the work, and the handler completed without another byte. The framework's JSON results swallow the cancellation
    // and leave an incomplete document. Another handler may have noticed it in the middle of its response.
    private bool IsCut => _work.IsEndedByServer && !_isWrittenAfterEnd && Response.ContentLength != _copy.Written
        && (JsonText.IsJson(Response.ContentType) && !StreamContentTypes.Contains(Response.ContentType)
            ? !JsonText.IsComplete(_copy.Bytes.Span)
            : _state == PaidRequestState.Buffering && _copy.Written > 0);

    private bool IsFailedGrpc => IsGrpc && GrpcStatus() is { } status && status != "0";

    /// <summary>
    /// Ends the response after the handler has completed. In the states Passing and PassingUnpaid, it has been sent already.
    /// </summary>
    private async Task CompleteAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await (_state switch
        {
            PaidRequestState.Buffering when _isAborted || IsTruncated => CompleteAbortedAsync(),
            PaidRequestState.Rejected when _isAborted => CompleteAbortedAsync(),
            PaidRequestState.Buffering when IsSuccess && IsCut => CompleteCutAsync(),
            PaidRequestState.Buffering when IsSuccess && !IsFailedGrpc => CompletePaidAsync(),
            PaidRequestState.Buffering => CompleteUnpaidAsync(),
            PaidRequestState.Streaming => CompleteStreamAsync(),
            PaidRequestState.Rejected => CompleteRejectedAsync(_rejection!),
            _ => Task.CompletedTask,
        }).ConfigureAwait(false);
    }

    /// <summary>Ends the request after the handler failed. Returns whether a problem is sent in place of the handler's exception.</summary>
    private async Task<bool> TryFailAsync(Exception exception)
    {
        await CloseAsync().ConfigureAwait(false);
        switch (_state)
        {
            case PaidRequestState.Streaming when IsEndedByClient:
                await CaptureAsync(_head!.WithBody(_copy.ToArray())).ConfigureAwait(false);
                return false;
            case PaidRequestState.Streaming:
                await ReleaseAsync().ConfigureAwait(false);
                return false;
            case PaidRequestState.Buffering:
                await ReleaseAsync().ConfigureAwait(false);
                return !_isAborted && exception is OperationCanceledException && _work.Reason is WorkEnd.MaxWorkTime or WorkEnd.Stopping;
            case PaidRequestState.Rejected:
                return exception is PaidRequestRejectedException;
            default:
                return false;
        }
    }

    private Task SendFailureAsync(Exception exception) => exception is PaidRequestRejectedException
        ? CompleteRejectedAsync(_rejection!)
        : SendWorkEndAsync();

    private Task SendWorkEndAsync() =>
        SendProblemAsync(_work.Reason == WorkEnd.Stopping ? Problems.Stopping : Problems.WorkTimeExceeded);

    /// <summary>Captures with the whole response, which is stored for a repeat, and sends it.</summary>
    private async Task CompletePaidAsync()
    {
        var result = await CaptureAsync(PaidResponseStorage.ReadHead(Response).WithBody(_copy.ToArray())).ConfigureAwait(false);
        await (result.Succeeded ? SendBufferAsync() : CompleteRejectedAsync(result)).ConfigureAwait(false);
    }

    /// <summary>Releases and sends the handler's error response.</summary>
    private async Task CompleteUnpaidAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        await SendBufferAsync().ConfigureAwait(false);
    }

    /// <summary>Releases work that the server cut, and lets the host or a problem answer in its place.</summary>
    private async Task CompleteCutAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        if (_work.Reason == WorkEnd.Host)
        {
            Response.Clear();
            throw new OperationCanceledException("The host canceled the request.", _work.Token);
        }

        await SendWorkEndAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Captures what was sent, also if the client ended the stream. If the stream or its capture failed, the connection is closed, so that
    /// the client repeats the request.
    /// </summary>
    private async Task CompleteStreamAsync()
    {
        var isDelivered = !_isAborted && !IsTruncated && !IsCut && !IsFailedGrpc && _streamFault is null;
        if (!isDelivered && !IsEndedByClient)
        {
            await CompleteAbortedAsync().ConfigureAwait(false);
            return;
        }

        var result = await CaptureAsync(_head!.WithBody(_copy.ToArray())).ConfigureAwait(false);
        if (!result.Succeeded || !isDelivered)
        {
            _context.Abort();
        }
    }

    /// <summary>Sends the reason why the capture failed instead of the handler's response.</summary>
    private Task CompleteRejectedAsync(CreditCommandResult result)
    {
        var problem = PaidProblems.Create(result, _reservation.Amount);
        return SendProblemAsync(problem, () => CreditHeaders.Write(Response, _session, result.Balance));
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

    private string? GrpcStatus()
    {
        var trailers = _context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return trailers is not null && trailers.TryGetValue("grpc-status", out var status)
            ? status.ToString()
            : Response.Headers.TryGetValue("grpc-status", out status) ? status.ToString() : null;
    }

    // From now on, the timer does not change the state.
    private async Task CloseAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isCompleted = true;
        _gate.Release();
    }
}
