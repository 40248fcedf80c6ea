using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Exposes an object in Supabase Storage as a seekable stream, so that ranges are served without buffering. A read after a seek sends a new
/// request that starts at the new position. Sequential reads continue with the open response.
/// </summary>
internal sealed class StorageObjectStream(
    StorageBucket bucket,
    string path,
    SupabaseCredential credential,
    long length,
    HttpResponseMessage opened) : Stream
{
    private HttpResponseMessage? _response = opened;
    private Stream? _body;
    private long _bodyPosition;
    private long _position;
    private bool _isDisposed;

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
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_position >= length || buffer.Length == 0)
        {
            return 0;
        }

        var count = await ReadOnAsync(buffer[..(int)Math.Min(buffer.Length, length - _position)], cancellationToken).ConfigureAwait(false);
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
            _isDisposed = true;
            DisposeResponse();
        }

        base.Dispose(disposing);
    }

    // If the connection breaks, the stream opens one new connection at the current position. The object name contains the hash of the
    // content, so the new connection returns the same bytes. If the new connection cannot be opened, the stream does not try again, because
    // the method that opens it already retries.
    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var mayReconnect = true; ; mayReconnect = false)
        {
            var body = await BodyAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await bucket.ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (SupabaseException) when (mayReconnect)
            {
                DisposeResponse();
            }
            catch (Exception)
            {
                DisposeResponse();
                throw;
            }
        }
    }

    private async ValueTask<Stream> BodyAsync(CancellationToken cancellationToken)
    {
        if (_response is null || _bodyPosition != _position)
        {
            DisposeResponse();
            _response = await bucket.OpenAsync(path, _position, credential, cancellationToken).ConfigureAwait(false);
            _bodyPosition = _position;
        }

        return _body ??= await _response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    private void DisposeResponse()
    {
        _response?.Dispose();
        _response = null;
        _body = null;
    }
}
