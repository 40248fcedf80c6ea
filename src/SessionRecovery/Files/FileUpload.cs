using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SessionRecovery.Files.Internal;

namespace SessionRecovery.Files;

/// <summary>Represents a file that a user uploads. The content is read once from start to end, and is never entirely in memory.</summary>
public sealed record FileUpload
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Gets the content of the file. The store does not dispose the stream.</summary>
    public required Stream Content { get; init; }

    /// <summary>
    /// Gets the content types that are accepted by default, which are audio and image types.
    /// <see cref="UserFileOptions.AllowedContentTypes"/> adds further types.
    /// </summary>
    public static IReadOnlyList<string> DefaultContentTypes { get; } = [.. FileTypes.Defaults.Select(static type => type.ContentType)];

    /// <summary>
    /// Gets the user's name for the file. The store derives its own file name and <see cref="StoredFile.DisplayName"/> from this name. The
    /// default is an empty string.
    /// </summary>
    public string FileName { get; init; } = string.Empty;

    /// <summary>
    /// Gets the content type that the client declared. The store detects the content type from the first bytes and rejects an upload whose
    /// declared type is not compatible with it. An empty string (the default) and <c>application/octet-stream</c> are compatible with every
    /// type.
    /// </summary>
    public string ContentType { get; init; } = string.Empty;

    /// <summary>
    /// Gets the idempotency key of the upload, or <see langword="null"/> (the default) for an upload without a key.
    /// <see cref="StoredFile.IsUploadedWith"/> recognizes a file that was uploaded with this key. The store's file name contains a hash of
    /// the key.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Copies the content to a stream, checks the content type, counts the bytes, computes their hash, and creates a file name. This method
    /// is intended for implementations of <see cref="IFileStore"/>.
    /// </summary>
    /// <param name="target">
    /// The stream to write to. The caller must discard the written bytes if the status is not <see cref="FileSaveStatus.Saved"/>.
    /// </param>
    /// <param name="options">The options that specify the accepted content types and the maximum size.</param>
    /// <param name="createdAt">The time of the upload.</param>
    /// <param name="cancellationToken">Cancels the copy.</param>
    /// <returns>
    /// <see cref="FileSaveStatus.Saved"/> with the file that the store must keep, or <see cref="FileSaveStatus.UnsupportedType"/>,
    /// <see cref="FileSaveStatus.TooLarge"/> or <see cref="FileSaveStatus.Empty"/>. The status is <see cref="FileSaveStatus.Interrupted"/>
    /// if reading <see cref="Content"/> failed. An exception of <paramref name="target"/> is rethrown.
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

    // The text contains neither the content nor the idempotency key, because log entries must not contain these values.
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
    /// Reads the next bytes of the upload. Returns <see langword="null"/> if the client interrupted the upload, so that the interruption is
    /// not reported as a failure of the store.
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
