namespace SessionRecovery.FieldTests.Money;

/// <summary>A buffered request body whose temporary file cannot be written, because the disk is full.</summary>
internal sealed class FullDiskStream : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new IOException("There is not enough space on the disk.");
}
