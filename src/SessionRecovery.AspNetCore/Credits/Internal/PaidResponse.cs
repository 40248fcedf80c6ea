using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// The response of a paid request, which waits for the capture. Up to 64 KiB are kept back; a larger or streamed one is captured
/// before its first byte leaves. What was not paid for is thrown away.
/// </summary>
internal sealed class PaidResponse(HttpResponse response, IHttpResponseBodyFeature inner, PaidHold hold, Action<CreditBalance?> onEnded) : Stream, IHttpResponseBodyFeature
{
    private const int MaxLocation = 2048;

    private readonly MemoryStream _kept = new();
    private PipeWriter? _writer;
    private bool _isStreamed;
    private State _state = State.Keeping;

    private enum State
    {
        Keeping,
        Passing,
        Discarding,
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>The handler is done: what it wrote by way of the pipe is brought here.</summary>
    public async Task FinishAsync()
    {
        if (_writer is not null)
        {
            await _writer.FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Captures with the whole answer, which is stored for repeats.</summary>
    public Task<CreditCommandResult> CaptureKeptAsync() => CaptureAsync(IsReplayable ? _kept.ToArray() : null);

    /// <summary>Whether the handler promised more or fewer bytes than it wrote: a stump, which nobody pays for.</summary>
    public bool IsIncomplete =>
        response.ContentLength is { } promised
        && promised != _kept.Length
        && !HttpMethods.IsHead(response.HttpContext.Request.Method)
        && response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);

    // What is stored is status, type, location and body: an answer that means nothing without another header can't be given again.
    private bool IsReplayable => response.Headers.ContentEncoding.Count == 0 && response.Headers.Location.ToString().Length <= MaxLocation;

    /// <summary>Whether bytes of the answer are on their way already.</summary>
    public bool IsPassing => _state == State.Passing;

    /// <summary>Sends what was kept back.</summary>
    public async Task SendKeptAsync(CancellationToken cancellationToken)
    {
        if (_state == State.Keeping && _kept.Length > 0)
        {
            await inner.Stream.WriteAsync(_kept.GetBuffer().AsMemory(0, (int)_kept.Length), cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isFull = _kept.Length + buffer.Length > StoredResponse.MaxBodyLength;
        var isPaidFor = response.StatusCode is >= 200 and <= 399;
        if (_state == State.Keeping && (isFull || (isPaidFor && _isStreamed)))
        {
            _state = await EndHoldAsync(isPaidFor).ConfigureAwait(false);
            if (_state == State.Passing)
            {
                await inner.Stream.WriteAsync(_kept.GetBuffer().AsMemory(0, (int)_kept.Length), cancellationToken).ConfigureAwait(false);
            }
        }

        switch (_state)
        {
            case State.Keeping:
                await _kept.WriteAsync(buffer, CancellationToken.None).ConfigureAwait(false);
                break;
            case State.Passing:
                await inner.Stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _state == State.Passing ? inner.Stream.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
        // Nothing leaves before the capture, so there is nothing to flush.
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new InvalidOperationException("A paid response is written asynchronously: it may have to wait for the capture.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>A handler that turns buffering off streams: it is captured before its first byte.</summary>
    void IHttpResponseBodyFeature.DisableBuffering()
    {
        _isStreamed = true;
        inner.DisableBuffering();
    }

    // Writing JSON or text "starts" the response first; nothing may start before the capture.
    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => FinishAsync();

    private async Task<State> EndHoldAsync(bool isPaidFor)
    {
        if (isPaidFor)
        {
            return (await CaptureAsync(body: null).ConfigureAwait(false)).Succeeded ? State.Passing : State.Discarding;
        }

        onEnded(await hold.ReleaseAsync().ConfigureAwait(false));
        return State.Passing;
    }

    private async Task<CreditCommandResult> CaptureAsync(byte[]? body)
    {
        var location = response.Headers.Location.ToString();
        var stored = new StoredResponse(
            response.StatusCode,
            response.ContentType is { Length: <= 255 } contentType ? contentType : null,
            location.Length is > 0 and <= MaxLocation ? location : null,
            body);
        var outcome = await hold.CaptureAsync(stored).ConfigureAwait(false);
        if (outcome.Succeeded)
        {
            onEnded(outcome.Balance);
        }

        return outcome;
    }
}
