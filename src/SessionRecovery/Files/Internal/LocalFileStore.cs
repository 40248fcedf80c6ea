using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>Bytes on local disk, rows in the manifest. Bytes first, then the row: a row without bytes is a loss, bytes without a row are only litter.</summary>
internal sealed class LocalFileStore(
    IFileManifest manifest,
    IOptions<UserFileOptions> options,
    TimeProvider time,
    ILogger<LocalFileStore> logger) : IFileStore
{
    private readonly UserFileOptions _options = options.Value;
    private readonly FileFolder _folder = new(options.Value.Folder);

    public async ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(upload);
        if (FileTypes.Find(upload.ContentType) is not { } type)
        {
            return new FileSaveResult(FileSaveStatus.UnsupportedType);
        }

        var temporary = _folder.TemporaryPath();
        try
        {
            if ((await manifest.ListAsync(session.User, cancellationToken).ConfigureAwait(false)).Count >= _options.MaxFiles)
            {
                return new FileSaveResult(FileSaveStatus.TooMany);
            }

            var received = await ReceiveAsync(upload.Content, type, temporary, cancellationToken).ConfigureAwait(false);
            return received.Status == FileSaveStatus.Saved
                ? await KeepAsync(session.User, new StoredFile(FileName.Create(upload.FileName, type.Extension), received.Size, received.Sha256, type.ContentType, time.GetUtcNow()), temporary, cancellationToken).ConfigureAwait(false)
                : new FileSaveResult(received.Status);
        }
        catch (Exception exception) when (IsStorageFault(exception, cancellationToken))
        {
            logger.FileSaveFailed(session.User, exception.GetType().Name);
            return new FileSaveResult(FileSaveStatus.Unavailable);
        }
        finally
        {
            DeleteQuietly(temporary);
        }
    }

    public async ValueTask<FileOpenResult> OpenAsync(UserSession session, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(name);
        if (!FileName.IsValid(name))
        {
            return new FileOpenResult(FileOpenStatus.NotFound);
        }

        try
        {
            if (await manifest.FindAsync(session.User, name, cancellationToken).ConfigureAwait(false) is not { } file)
            {
                return new FileOpenResult(FileOpenStatus.NotFound);
            }

            var (content, cause) = _folder.Open(session.User, file);
            if (content is not null)
            {
                return new FileOpenResult(FileOpenStatus.Found, file, content);
            }

            logger.FileLost(session.User, file.Name, file.Size, cause);
            return new FileOpenResult(FileOpenStatus.Lost, file, Cause: cause);
        }
        catch (Exception exception) when (IsStorageFault(exception, cancellationToken))
        {
            logger.FileOpenFailed(session.User, exception.GetType().Name);
            return new FileOpenResult(FileOpenStatus.Unavailable);
        }
    }

    public ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return manifest.ListAsync(session.User, cancellationToken);
    }

    public async ValueTask<bool> DeleteAsync(UserSession session, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(name);
        if (!FileName.IsValid(name) || !await manifest.RemoveAsync(session.User, name, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        DeleteQuietly(_folder.GetPath(session.User, name));
        return true;
    }

    private async Task<FileReceiver> ReceiveAsync(Stream content, FileType type, string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var received = await FileReceiver.ReceiveAsync(content, type, file, _options.MaxSize, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            return received;
        }
    }

    private async Task<FileSaveResult> KeepAsync(UserId user, StoredFile file, string temporary, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = _folder.GetPath(user, file.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(temporary, path, overwrite: false);

        // From here on the caller's leaving is too late, and so is a manifest that fails: a row that may be there must find its bytes.
        if (await manifest.AddAsync(user, file, _options.MaxFiles, CancellationToken.None).ConfigureAwait(false))
        {
            return new FileSaveResult(FileSaveStatus.Saved, file);
        }

        DeleteQuietly(path);
        return new FileSaveResult(FileSaveStatus.TooMany);
    }

    private void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.FileLeftBehind(exception.GetType().Name);
        }
    }

    private static bool IsStorageFault(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception is not ArgumentException;
}
