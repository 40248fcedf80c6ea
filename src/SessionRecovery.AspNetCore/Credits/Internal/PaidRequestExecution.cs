using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// The state machine of a paid request: the handler's response waits for the capture. Up to 64 KiB are buffered; a larger or streamed
/// response is captured before its first byte. Each transition is one method. Used by one request; the handler's calls do not overlap.
/// </summary>
internal sealed class PaidRequestExecution(HttpContext context, CreditReservation reservation) : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly IHttpRequestLifetimeFeature _lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
    private readonly IHttpResponseBodyFeature _body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
    private readonly MemoryStream _buffer = new();
    private PaidRequestState _state = PaidRequestState.Buffering;
    private CreditCommandResult? _rejection;

    /// <summary>
    /// Hides client disconnects from the handler. Built-in file results swallow that cancellation and complete as if the whole file had
    /// been sent, so a truncated response would be captured and stored.
    /// </summary>
    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get; set; } = CancellationToken.None;

    private HttpResponse Response => context.Response;

    private bool IsSuccess => Response.StatusCode is >= 200 and <= 399;

    // The response promised another number of bytes than it wrote, so it is truncated and is not charged.
    private bool IsTruncated =>
        Response.ContentLength is { } promised
        && promised != _buffer.Length
        && !HttpMethods.IsHead(context.Request.Method)
        && Response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);

    public async Task RunAsync(RequestDelegate handler)
    {
        var body = new PaidResponseBody(this, _body);
        await using var disposal = body.ConfigureAwait(false);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        context.Features.Set<IHttpRequestLifetimeFeature>(this);

        // A paid response belongs to one user; a handler may set another value.
        Response.Headers.CacheControl = "private, no-store";
        try
        {
            await handler(context).ConfigureAwait(false);
            await body.FlushWriterAsync().ConfigureAwait(false);
        }
        catch
        {
            await reservation.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        finally
        {
            context.Features.Set(_body);
            context.Features.Set(_lifetime);
        }

        await CompleteAsync().ConfigureAwait(false);
    }

    public void Dispose() => _buffer.Dispose();

    void IHttpRequestLifetimeFeature.Abort()
    {
        if (_state is PaidRequestState.Buffering or PaidRequestState.Rejected)
        {
            _state = PaidRequestState.Aborted;
        }

        _lifetime.Abort();
    }

    /// <summary>Receives bytes of the handler.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="isStreamed">Whether the handler streams its response.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, bool isStreamed, CancellationToken cancellationToken)
    {
        if (_state == PaidRequestState.Buffering)
        {
            if (IsSuccess && (isStreamed || IsFullWith(buffer)))
            {
                await StartPassingAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (IsFullWith(buffer))
            {
                await StartPassingUnpaidAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        switch (_state)
        {
            case PaidRequestState.Buffering:
                await _buffer.WriteAsync(buffer, CancellationToken.None).ConfigureAwait(false);
                break;
            case PaidRequestState.Passing or PaidRequestState.PassingUnpaid:
                await _body.Stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    /// <summary>Flushes the bytes that the handler has written. No byte is sent before the capture.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) =>
        _state is PaidRequestState.Passing or PaidRequestState.PassingUnpaid
            ? _body.Stream.FlushAsync(cancellationToken)
            : Task.CompletedTask;

    /// <summary>Buffering to Passing or Rejected: captures before the first byte. The body is not stored.</summary>
    private async Task StartPassingAsync(CancellationToken cancellationToken)
    {
        var result = await CaptureAsync(body: null).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            _state = PaidRequestState.Rejected;
            _rejection = result;
            return;
        }

        _state = PaidRequestState.Passing;
        await SendBufferAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Buffering to PassingUnpaid: releases before the first byte of a large error response.</summary>
    private async Task StartPassingUnpaidAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync().ConfigureAwait(false);
        _state = PaidRequestState.PassingUnpaid;
        await SendBufferAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The handler has completed: every state but Passing and PassingUnpaid still owes the client a response.</summary>
    private Task CompleteAsync()
    {
        if (_state == PaidRequestState.Buffering && IsTruncated)
        {
            _state = PaidRequestState.Aborted;
        }

        return _state switch
        {
            PaidRequestState.Buffering when IsSuccess => CompletePaidAsync(),
            PaidRequestState.Buffering => CompleteUnpaidAsync(),
            PaidRequestState.Rejected => CompleteRejectedAsync(_rejection!),
            PaidRequestState.Aborted => CompleteAbortedAsync(),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Captures with the whole response, which is stored for a repeat, and sends it.</summary>
    private async Task CompletePaidAsync()
    {
        var result = await CaptureAsync(PaidResponseStorage.CanStoreBody(Response) ? _buffer.ToArray() : null).ConfigureAwait(false);
        await (result.Succeeded ? SendBufferAsync(context.RequestAborted) : CompleteRejectedAsync(result)).ConfigureAwait(false);
    }

    /// <summary>Releases and sends the handler's error response.</summary>
    private async Task CompleteUnpaidAsync()
    {
        await ReleaseAsync().ConfigureAwait(false);
        await SendBufferAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends the reason why the capture failed instead of the handler's response.</summary>
    private Task CompleteRejectedAsync(CreditCommandResult result)
    {
        Response.Clear();
        CreditHeaders.Write(Response, reservation.User, result.Balance);
        Response.Headers.CacheControl = "private, no-store";
        return PaidProblems.Create(result, reservation.Amount).ExecuteAsync(context);
    }

    /// <summary>Releases and closes the connection.</summary>
    private async Task CompleteAbortedAsync()
    {
        await reservation.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        context.Abort();
    }

    // Not canceled when the client leaves: the work is done.
    private async Task<CreditCommandResult> CaptureAsync(byte[]? body)
    {
        var result = await reservation.CaptureAsync(PaidResponseStorage.Create(Response, body), CancellationToken.None)
            .ConfigureAwait(false);
        if (result.Succeeded)
        {
            CreditHeaders.Write(Response, reservation.User, result.Balance);
        }

        return result;
    }

    private async Task ReleaseAsync()
    {
        var result = await reservation.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        CreditHeaders.Write(Response, reservation.User, result.Balance);
    }

    private bool IsFullWith(ReadOnlyMemory<byte> buffer) => _buffer.Length + buffer.Length > StoredResponse.MaxBodyLength;

    private async Task SendBufferAsync(CancellationToken cancellationToken)
    {
        if (_buffer.Length > 0)
        {
            await _body.Stream.WriteAsync(_buffer.GetBuffer().AsMemory(0, (int)_buffer.Length), cancellationToken).ConfigureAwait(false);
        }
    }
}
