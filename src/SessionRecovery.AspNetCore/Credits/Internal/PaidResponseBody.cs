using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the response body that the handler of a paid endpoint writes to. Every byte passes through
/// <see cref="PaidRequestExecution"/>. While the response is buffered, <c>HttpResponse.Clear</c> can empty the body.
/// </summary>
internal sealed class PaidResponseBody(PaidRequestExecution execution, IHttpResponseBodyFeature inner, IHttpBodyControlFeature? control)
    : Stream, IHttpResponseBodyFeature
{
    private PaidResponseWriter? _writer;

    public override bool CanRead => false;

    public override bool CanSeek => execution.BufferedLength is not null;

    public override bool CanWrite => true;

    public override long Length => execution.BufferedLength ?? throw new NotSupportedException();

    public override long Position { get => Length; set => throw new NotSupportedException(); }

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= new PaidResponseWriter(this);

    /// <summary>Passes the bytes that the handler wrote to the pipe to <see cref="PaidRequestExecution"/>.</summary>
    public ValueTask WritePendingAsync() => WritePendingAsync(CancellationToken.None);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A handler may write to both views of the body: the pipe and the stream. Bytes that wait in the pipe are written before the bytes
        // of this write to the stream, so that all bytes keep the order in which the handler wrote them.
        await WritePendingAsync(cancellationToken).ConfigureAwait(false);
        await execution.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await WritePendingAsync(cancellationToken).ConfigureAwait(false);
        await execution.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Flush()
    {
        // The method does nothing: when the response is no longer buffered, its bytes are sent without a flush.
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (control?.AllowSynchronousIO != true)
        {
            throw new InvalidOperationException(
                "Synchronous writes to a paid response are not allowed, because they may wait for the capture. Call WriteAsync, or set "
                + "AllowSynchronousIO to true.");
        }

        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value)
    {
        if (value != 0)
        {
            throw new NotSupportedException("A paid response can only be emptied.");
        }

        _writer?.TakePending();
        execution.Clear();
    }

    void IHttpResponseBodyFeature.DisableBuffering()
    {
        execution.IsDeclaredStream = true;
        inner.DisableBuffering();
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => execution.StartAsync(cancellationToken);

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => WritePendingAsync().AsTask();

    private ValueTask WritePendingAsync(CancellationToken cancellationToken) => _writer?.TakePending() is { IsEmpty: false } pending
        ? execution.WriteAsync(pending, cancellationToken)
        : ValueTask.CompletedTask;
}
