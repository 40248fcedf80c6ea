namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A copy of a response's bytes, which are held back until the capture and stored for a repeat.</summary>
internal sealed class StoredCopy(int limit) : IDisposable
{
    private MemoryStream? _bytes = new();

    /// <summary>Gets the number of bytes that were written, including those that did not fit into the copy.</summary>
    public long Written { get; private set; }

    /// <summary>Gets the bytes; empty if they did not fit.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes is null ? default : _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    public bool HasRoomFor(int count) => _bytes is not null && _bytes.Length + count <= limit;

    /// <summary>Adds bytes, or drops the copy if it would become longer than the limit.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Written += bytes.Length;
        if (HasRoomFor(bytes.Length))
        {
            _bytes!.Write(bytes);
        }
        else
        {
            Dispose();
        }
    }

    public void Clear()
    {
        Written = 0;
        _bytes = new MemoryStream();
    }

    /// <summary>Returns the bytes; <see langword="null"/> if they did not fit.</summary>
    public byte[]? ToArray() => _bytes?.ToArray();

    public void Dispose()
    {
        _bytes?.Dispose();
        _bytes = null;
    }
}
