using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Contains the state transitions that follow the completion of the handler.</summary>
internal sealed partial class PaidRequestExecution
{
    /// <summary>
    /// Gets a value that indicates whether the client ended a stream after part of the stream was sent. The client may have disconnected,
    /// may have stopped receiving bytes, or may have set a gRPC deadline that has passed. In all three cases, the credits are captured. If
    /// the credits were released instead, a client could avoid the charge by ending the stream.
    /// </summary>
    private bool IsEndedByClient => _sent > 0
        && (_isStalled || (_isAborted ? _hadClientLeftAtAbort || IsGrpc : _work.HasClientLeft));

    // Gets a value that indicates whether the response is incomplete because the server canceled the work. The JSON results of ASP.NET Core
    // catch the cancellation and return, although the document is incomplete. Any other buffered response may also be incomplete if the
    // handler wrote nothing after the cancellation.
    private bool IsCut => _work.IsEndedByServer && !_isWrittenAfterEnd && Response.ContentLength != _copy.Written
        && (JsonText.IsJson(Response.ContentType) && !StreamContentTypes.Contains(Response.ContentType)
            ? !JsonText.IsComplete(_copy.Bytes.Span)
            : _state == PaidRequestState.Buffering && _copy.Written > 0);

    private bool IsFailedGrpc => IsGrpc && GrpcStatus() is { } status && status != "0";

    /// <summary>
    /// Completes the response after the handler has completed. In the states Passing and PassingUnpaid, the response has already been sent.
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

    /// <summary>
    /// Completes the request after the handler threw an exception. Returns <see langword="true"/> if a problem response is sent, and
    /// <see langword="false"/> if the caller must rethrow the exception.
    /// </summary>
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

    /// <summary>Captures the credits, stores the whole response for a repeated request, and sends the response to the client.</summary>
    private async Task CompletePaidAsync()
    {
        var result = await CaptureAsync(PaidResponseStorage.ReadHead(Response).WithBody(_copy.ToArray())).ConfigureAwait(false);
        await (result.Succeeded ? SendBufferAsync() : CompleteRejectedAsync(result)).ConfigureAwait(false);
    }

    /// <summary>Releases the credits and sends the handler's error response.</summary>
    private async Task CompleteUnpaidAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        await SendBufferAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Releases the credits after the server has canceled the work. If the host canceled the request, the host's own response is sent. In
    /// all other cases, a problem is sent.
    /// </summary>
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
    /// Captures the credits of a stream and stores the bytes that were sent. The credits are also captured if the client ended the stream.
    /// If the stream failed for any other reason, the credits are released. If the stream or its capture failed, the connection is closed,
    /// so that the client repeats the request.
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

    /// <summary>Sends the reason for the failed capture instead of the handler's response.</summary>
    private Task CompleteRejectedAsync(CreditCommandResult result)
    {
        var problem = PaidProblems.Create(result, _cost);
        return SendProblemAsync(problem, () => CreditHeaders.Write(Response, _session, result.Balance));
    }

    /// <summary>Releases the credits and closes the connection.</summary>
    private async Task CompleteAbortedAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        _context.Abort();
    }

    private Task SendProblemAsync(Problem problem, Action? addHeaders = null)
    {
        Response.Clear();
        addHeaders?.Invoke();
        Response.Headers.CacheControl = CacheControl.Private;
        return problem.ExecuteAsync(_context);
    }

    // Only a client disconnect cancels the sending of the response. A request timeout of the host must not discard a response that was
    // already charged.
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

    // Marks the request as completed. After this, the stream timer no longer changes the state of the request.
    private async Task CloseAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isCompleted = true;
        _gate.Release();
    }
}
