using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Reads the bytes of an upload. If the server rejects the body, the class records the HTTP status of the rejection. The file store does
/// not depend on HTTP, so the store reports a rejected body only as an interrupted upload.
/// </summary>
internal sealed class UploadBody(Stream body) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Gets the HTTP status with which the server rejected the body, or <see langword="null"/> if the body was not rejected.
    /// </summary>
    public int? RejectedStatus { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            RejectedStatus = exception.StatusCode;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("An upload is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
