using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// The response body that a paid handler writes to. Every byte goes through the state machine. The response does not start before the
/// capture.
/// </summary>
internal sealed class PaidResponseBody(PaidRequestExecution execution, IHttpResponseBodyFeature inner) : Stream, IHttpResponseBodyFeature
{
    private PipeWriter? _writer;
    private bool _isStreamed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Passes the bytes that the handler has written to the pipe to the state machine.</summary>
    public async Task FlushWriterAsync()
    {
        if (_writer is not null)
        {
            await _writer.FlushAsync().ConfigureAwait(false);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        execution.WriteAsync(buffer, _isStreamed, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => execution.FlushAsync(cancellationToken);

    public override void Flush()
    {
        // No byte is sent before the capture, so a flush does nothing.
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new InvalidOperationException("A paid response must be written asynchronously, because it may wait for the capture.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>A handler that disables buffering streams: its response is captured before the first byte.</summary>
    void IHttpResponseBodyFeature.DisableBuffering()
    {
        _isStreamed = true;
        inner.DisableBuffering();
    }

    // JSON and text results start the response before they write. This start is deferred until the capture.
    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => FlushWriterAsync();
}
