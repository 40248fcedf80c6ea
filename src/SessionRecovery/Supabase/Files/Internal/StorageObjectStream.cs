using SessionRecovery.Supabase.Internal;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// An object of Storage as a seekable stream, so that ranges are served without keeping bytes: a read after a seek asks Storage for the rest
/// from there. Forward reads stay on the answer that is open.
/// </summary>
internal sealed class StorageObjectStream(StorageBucket bucket, string path, SupabaseCredential credential, long length, HttpResponseMessage opened) : Stream
{
    private HttpResponseMessage? _response = opened;
    private Stream? _body;
    private long _bodyPosition;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.Length == 0)
        {
            return 0;
        }

        var body = await BodyAsync(cancellationToken).ConfigureAwait(false);
        var count = await bucket.ReadAsync(body, buffer[..(int)Math.Min(buffer.Length, length - _position)], cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            throw new EndOfStreamException("Storage sent fewer bytes than it promised.");
        }

        _position += count;
        _bodyPosition += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A file of Storage is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        return _position = position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _response?.Dispose();
            _response = null;
        }

        base.Dispose(disposing);
    }

    private async ValueTask<Stream> BodyAsync(CancellationToken cancellationToken)
    {
        if (_body is not null && _bodyPosition == _position)
        {
            return _body;
        }

        if (_body is not null || _position > 0)
        {
            _body = null;
            _response?.Dispose();
            _response = null;
            _response = await bucket.OpenAsync(path, _position, credential, cancellationToken).ConfigureAwait(false);
        }

        _bodyPosition = _position;
        return _body = await _response!.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }
}
