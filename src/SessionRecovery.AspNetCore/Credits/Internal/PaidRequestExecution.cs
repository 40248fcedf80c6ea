using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Implements the state machine of a paid request. A response that is not longer than the maximum stored length is buffered until the
/// credits are captured. For a longer response, the credits are captured before the first byte of the response is sent. A stream is sent as
/// the handler writes it, and the credits are captured when the handler completes. Each state transition is one method.
/// </summary>
internal sealed partial class PaidRequestExecution : IHttpRequestLifetimeFeature, IAsyncDisposable
{
    private readonly HttpContext _context;
    private readonly CreditReservation _reservation;
    private readonly PaidCost _cost;
    private readonly PaidAmount _amount;
    private readonly WorkLifetime _work;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpResponseFeature _response;
    private readonly PaidResponseFeature _paidResponse;
    private readonly UserSession _session;
    private readonly StoredCopy _copy;
    private readonly ITimer _streamTimer;

    // The lock that protects the state of the request. The handler's writes and flushes, the stream timer and the completion acquire this
    // lock.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private PaidRequestState _state = PaidRequestState.Buffering;
    private CreditCommandResult? _rejection;
    private CancellationToken? _replacedToken;
    private StoredHead? _head;
    private Exception? _streamFault;
    private long _sent;
    private bool _isTimerSet;
    private bool _isStalled;
    private bool _isEnding;
    private bool _isWrittenAfterEnd;
    private volatile bool _isCompleted;
    private volatile bool _isAborted;
    private volatile bool _hadClientLeftAtAbort;

    public PaidRequestExecution(
        HttpContext context,
        UserSession session,
        CreditReservation reservation,
        PaidCost cost,
        WorkLifetime work,
        PaidRequestOptions options,
        TimeProvider time)
    {
        _context = context;
        _session = session;
        _reservation = reservation;
        _cost = cost;
        _amount = new PaidAmount(reservation.Amount);
        _work = work;
        _lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _response = context.Features.GetRequiredFeature<IHttpResponseFeature>();
        _paidResponse = new PaidResponseFeature(_response);
        _copy = new StoredCopy(options.MaxStoredResponse);
        _streamTimer = time.CreateTimer(static state => _ = ((PaidRequestExecution)state!).OnTimerAsync(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets or sets a value that indicates whether the endpoint or the handler declared the response a stream.</summary>
    public bool IsDeclaredStream { get; set; }

    /// <summary>Gets the number of buffered bytes, or <see langword="null"/> if the response is no longer buffered.</summary>
    public long? BufferedLength => _state == PaidRequestState.Buffering ? _copy.Written : null;

    /// <summary>
    /// Hides a client disconnect from the handler until the response is being sent. The file results of ASP.NET Core catch the cancellation
    /// and complete as if the whole file had been sent. If the handler saw the disconnect, a truncated response would be charged
    /// and stored.
    /// </summary>
    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => _replacedToken ?? _work.Token;
        set => _replacedToken = value;
    }

    private HttpResponse Response => _context.Response;

    // A 304 response is not charged, because the client already has the content.
    private bool IsSuccess => Response.StatusCode is >= 200 and <= 399 and not StatusCodes.Status304NotModified;

    private bool IsStream => IsDeclaredStream || StreamContentTypes.Contains(Response.ContentType);

    private bool IsGrpc => StreamContentTypes.IsGrpc(Response.ContentType);

    // Gets a value that indicates whether the length of the response differs from the Content-Length header. If the lengths differ, the
    // response is truncated and the user is not charged.
    private bool IsTruncated =>
        Response.ContentLength is { } promised
        && promised != _copy.Written
        && !HttpMethods.IsHead(_context.Request.Method)
        && Response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);

    public async Task RunAsync(RequestDelegate handler)
    {
        var body = new PaidResponseBody(this, _body, _context.Features.Get<IHttpBodyControlFeature>());
        await using var disposal = body.ConfigureAwait(false);
        var connection = new PaidConnectionFeatures(this, _context.Features);
        _context.Features.Set<IHttpResponseBodyFeature>(body);
        _context.Features.Set<IHttpResponseFeature>(_paidResponse);
        _context.Features.Set<IHttpRequestLifetimeFeature>(this);
        _context.Features.Set(new PaidRequest(_reservation.Amount, _amount, _work.ClientDisconnected));

        // Shared caches must not store a paid response, because it belongs to one user. The handler may replace this value.
        Response.Headers.CacheControl = CacheControl.Private;
        Exception? failure = null;
        try
        {
            await handler(_context).ConfigureAwait(false);
            await body.WritePendingAsync().ConfigureAwait(false);
            await RunStartingAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            if (!await TryFailAsync(exception).ConfigureAwait(false))
            {
                throw;
            }
        }
        finally
        {
            _context.Features.Set(_body);
            _context.Features.Set(_response);
            _context.Features.Set(_lifetime);
            _context.Features.Set<PaidRequest>(null);
            connection.Restore();
        }

        await (failure is null ? CompleteAsync() : SendFailureAsync(failure)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _streamTimer.DisposeAsync().ConfigureAwait(false);
        _copy.Dispose();
    }

    void IHttpRequestLifetimeFeature.Abort()
    {
        MarkAborted();
        _lifetime.Abort();
    }

    /// <summary>
    /// Records that the handler aborts or resets the connection. The results of ASP.NET Core also abort the connection after a client
    /// disconnect. The method therefore first records whether the client has disconnected, which can no longer be detected after the
    /// abort.
    /// </summary>
    public void MarkAborted()
    {
        if (!_isAborted)
        {
            _hadClientLeftAtAbort = _work.HasClientLeft;
            _isAborted = true;
        }
    }

    /// <summary>Deletes the buffered bytes of the response.</summary>
    public void Clear()
    {
        _gate.Wait();
        try
        {
            if (_state != PaidRequestState.Buffering)
            {
                throw new InvalidOperationException("The response has started.");
            }

            _copy.Clear();
        }
        finally
        {
            _gate.Release();
        }
    }

    // If the response has not started, this method runs the callbacks of OnStarting before the capture. An error response has no capture.
    // The callbacks do not run under the lock, because they may write to the response. While the callbacks run, the stream timer must not
    // start the response.
    private async Task RunStartingAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isEnding = true;
        _gate.Release();
        if (_state == PaidRequestState.Buffering && IsSuccess)
        {
            await _paidResponse.RunStartingAsync().ConfigureAwait(false);
        }
    }

    // A client disconnect does not cancel the capture, because the handler has completed its work.
    private async Task<CreditCommandResult> CaptureAsync(StoredResponse? response)
    {
        var amount = _amount.Fix();
        var result = await (amount == _reservation.Amount
            ? _reservation.CaptureAsync(response, CancellationToken.None)
            : _reservation.SettleAsync(amount, response, CancellationToken.None)).ConfigureAwait(false);
        if (result.Succeeded && !Response.HasStarted)
        {
            CreditHeaders.Write(Response, _session, result.Balance);
        }

        return result;
    }

    private async Task ReleaseAsync()
    {
        var result = await _reservation.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        if (!Response.HasStarted)
        {
            CreditHeaders.Write(Response, _session, result.Balance);
        }
    }
}
