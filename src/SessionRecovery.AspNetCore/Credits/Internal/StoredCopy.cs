namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents a copy of the bytes of a response. A response that is held back is sent from the copy after the capture. The copy is also
/// stored for repeated requests.
/// </summary>
internal sealed class StoredCopy(int limit) : IDisposable
{
    private MemoryStream? _bytes = new();

    /// <summary>Gets the number of bytes that were written, including those that did not fit into the copy.</summary>
    public long Written { get; private set; }

    /// <summary>Gets the copied bytes. The value is empty if the response did not fit into the copy.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes is null ? default : _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    public bool HasRoomFor(int count) => _bytes is not null && _bytes.Length + count <= limit;

    /// <summary>Appends bytes to the copy. If the copy would exceed its limit, all copied bytes are discarded.</summary>
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

    /// <summary>Returns the copied bytes, or <see langword="null"/> if the response did not fit into the copy.</summary>
    public byte[]? ToArray() => _bytes?.ToArray();

    public void Dispose()
    {
        _bytes?.Dispose();
        _bytes = null;
    }
}
