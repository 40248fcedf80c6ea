using System.Security.Cryptography;

namespace SessionRecovery.Files.Internal;

/// <summary>What came of an upload's bytes.</summary>
internal readonly record struct FileReceiver(FileSaveStatus Status, long Size = 0, string Sha256 = "")
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Copies an upload, measured, hashed and looked at while it comes. The stream is read once, never whole into memory.</summary>
    public static async Task<FileReceiver> ReceiveAsync(Stream content, FileType type, Stream target, long maxSize, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        var size = 0L;
        while (true)
        {
            int count;
            try
            {
                count = await content.ReadAtLeastAsync(buffer, BufferSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException)
            {
                // The sender's fault, not the store's: the two must not look the same.
                return new FileReceiver(FileSaveStatus.Interrupted);
            }

            if (count == 0)
            {
                break;
            }

            var bytes = buffer.AsMemory(0, count);
            if (size == 0 && !type.Begins(bytes.Span[..Math.Min(count, FileTypes.SignatureLength)]))
            {
                return new FileReceiver(FileSaveStatus.UnsupportedType);
            }

            size += count;
            if (size > maxSize)
            {
                return new FileReceiver(FileSaveStatus.TooLarge);
            }

            hash.AppendData(bytes.Span);
            await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return size == 0
            ? new FileReceiver(FileSaveStatus.Empty)
            : new FileReceiver(FileSaveStatus.Saved, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
