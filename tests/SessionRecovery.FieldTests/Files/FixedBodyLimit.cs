using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.FieldTests.Files;

/// <summary>Simulates a body size limit that the application cannot raise, as on IIS. Reading a larger body fails at the limit.</summary>
internal sealed class FixedBodyLimit(Stream body, long max) : Stream, IHttpMaxRequestBodySizeFeature
{
    private long _count;

    public bool IsReadOnly => true;

    public long? MaxRequestBodySize
    {
        get => max;
        set => throw new InvalidOperationException();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await body.ReadAsync(buffer, cancellationToken);
        return (_count += count) <= max
            ? count
            : throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
