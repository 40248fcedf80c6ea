using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SessionRecovery.Files.Internal;

namespace SessionRecovery.Files;

/// <summary>A file that a user uploads. The content is read once, forward, and never entirely into memory.</summary>
public sealed record FileUpload
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Gets the bytes. The store does not dispose the stream.</summary>
    public required Stream Content { get; init; }

    /// <summary>
    /// Gets the content types that are accepted without <see cref="UserFileOptions.AllowedContentTypes"/>: sound and images.
    /// </summary>
    public static IReadOnlyList<string> DefaultContentTypes { get; } = [.. FileTypes.Defaults.Select(static type => type.ContentType)];

    /// <summary>
    /// Gets the user's name for the file: a hint for the store's own name, and the source of <see cref="StoredFile.DisplayName"/>. The
    /// default is an empty string.
    /// </summary>
    public string FileName { get; init; } = string.Empty;

    /// <summary>
    /// Gets the declared content type. The first bytes decide the type, and the declared one only has to be compatible. An empty string
    /// (the default) and <c>application/octet-stream</c> are compatible with every type.
    /// </summary>
    public string ContentType { get; init; } = string.Empty;

    /// <summary>
    /// Gets the key that identifies the upload, so that a repeat can be recognized by <see cref="StoredFile.IsUploadedWith"/>;
    /// <see langword="null"/> (the default) for an upload without a key. The key becomes part of the store's name as a hash.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Copies the content while it checks the type, counts the bytes and computes their hash, and gives the file a name. For
    /// implementations of <see cref="IFileStore"/>.
    /// </summary>
    /// <param name="target">
    /// The stream to write to. After any status but <see cref="FileSaveStatus.Saved"/> its content must be discarded.
    /// </param>
    /// <param name="options">The accepted types and the maximum size.</param>
    /// <param name="createdAt">The time of the upload.</param>
    /// <param name="cancellationToken">Cancels the copy.</param>
    /// <returns>
    /// <see cref="FileSaveStatus.Saved"/> with the file that the store must now keep; <see cref="FileSaveStatus.UnsupportedType"/>,
    /// <see cref="FileSaveStatus.TooLarge"/>, <see cref="FileSaveStatus.Empty"/>, or <see cref="FileSaveStatus.Interrupted"/> if
    /// <see cref="Content"/> broke off. An exception of <paramref name="target"/> is thrown.
    /// </returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="target"/> or <paramref name="options"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    public async Task<FileSaveResult> CopyToAsync(
        Stream target, UserFileOptions options, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        var type = FileTypes.Unknown;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        var size = 0L;
        int? count;
        while ((count = await TryReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            var bytes = buffer.AsMemory(0, count.Value);
            if (size == 0)
            {
                (type, var isAccepted) = FileTypePolicy.Decide(bytes.Span, ContentType, options);
                if (!isAccepted)
                {
                    return new FileSaveResult(FileSaveStatus.UnsupportedType) { DetectedContentType = type.ContentType };
                }
            }

            size += count.Value;
            if (size > options.MaxSize)
            {
                return new FileSaveResult(FileSaveStatus.TooLarge);
            }

            hash.AppendData(bytes.Span);
            await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return (count, size) switch
        {
            (null, _) => new FileSaveResult(FileSaveStatus.Interrupted),
            (_, 0) => new FileSaveResult(FileSaveStatus.Empty),
            _ => new FileSaveResult(FileSaveStatus.Saved, CreateFile(type, size, hash, createdAt)),
        };
    }

    // Without the content and the key, which log entries must not contain.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"{nameof(FileName)} = {FileName}, {nameof(ContentType)} = {ContentType}");
        return true;
    }

    private StoredFile CreateFile(FileType type, long size, IncrementalHash hash, DateTimeOffset createdAt) => new()
    {
        Name = FileNames.Create(FileName, type.Extension, IdempotencyKey),
        DisplayName = FileNames.ToDisplayName(FileName),
        Size = size,
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        ContentType = type.ContentType,
        CreatedAt = createdAt,
    };

    /// <summary>
    /// Reads the next bytes. <see langword="null"/> means that the sender broke off, which must not look like a fault of the store.
    /// </summary>
    private async ValueTask<int?> TryReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await Content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return null;
        }
    }
}
