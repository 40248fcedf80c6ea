using System.Buffers;
using System.IO.Pipelines;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the pipe (<c>Response.BodyWriter</c>) to which a handler writes a paid response. The bytes in the pipe are passed to the
/// response body when the pipe is flushed, when the handler writes to the stream <c>Response.Body</c>, and when the handler has completed.
/// Completing the pipe passes no bytes: the completion is synchronous, and a write may have to wait for the capture.
/// </summary>
internal sealed class PaidResponseWriter(PaidResponseBody body) : PipeWriter
{
    private ArrayBufferWriter<byte> _pending = new();
    private ArrayBufferWriter<byte> _sending = new();
    private bool _isCanceled;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _pending.WrittenCount;

    public override void Advance(int bytes) => _pending.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => Open().GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Open().GetSpan(sizeHint);

    public override void CancelPendingFlush() => _isCanceled = true;

    public override void Complete(Exception? exception = null) => _isCompleted = true;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
        var result = new FlushResult(_isCanceled, _isCompleted);
        _isCanceled = false;
        return result;
    }

    /// <summary>
    /// Removes and returns the bytes that were not flushed. The returned bytes are valid until the next call of this method.
    /// </summary>
    public ReadOnlyMemory<byte> TakePending()
    {
        if (_pending.WrittenCount == 0)
        {
            return default;
        }

        _sending.ResetWrittenCount();
        (_pending, _sending) = (_sending, _pending);
        return _sending.WrittenMemory;
    }

    private ArrayBufferWriter<byte> Open() =>
        _isCompleted ? throw new InvalidOperationException("The writer of the response was completed.") : _pending;
}
