using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>
/// Stores the content of files on the local disk and their rows in the manifest. The content is written before the row, because a row
/// without content would be a lost file, while content without a row can be deleted later.
/// </summary>
internal sealed class LocalFileStore(
    IOptions<UserFileOptions> options,
    FileFolder folder,
    TimeProvider time,
    ILogger<LocalFileStore> logger,
    IFileManifest? manifest = null) : IFileStore
{
    private readonly IFileManifest _manifest = manifest ?? throw new InvalidOperationException(
        "AddLocalFiles(…) requires a file manifest, which is kept beside the credits. Call UseSqlite(…), or register an IFileManifest.");

    private readonly UserFileOptions _options = options.Value;

    public async ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(upload);
        var temporary = folder.CreateTemporaryPath();
        try
        {
            var files = await _manifest.ListAsync(session.User, cancellationToken).ConfigureAwait(false);
            if (upload.IdempotencyKey is { } key && files.FirstOrDefault(file => file.IsUploadedWith(key)) is { } earlier)
            {
                return new FileSaveResult(FileSaveStatus.Saved, earlier);
            }

            if (files.Count >= _options.MaxFiles)
            {
                return new FileSaveResult(FileSaveStatus.TooMany);
            }

            var copied = await CopyAsync(upload, temporary, cancellationToken).ConfigureAwait(false);
            return copied.File is { } saved
                ? await KeepAsync(session.User, saved, temporary, cancellationToken).ConfigureAwait(false)
                : copied;
        }
        catch (Exception exception) when (IsStorageFault(exception, cancellationToken))
        {
            logger.FileSaveFailed(exception, session.User);
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
        if (!StoredFile.IsValidName(name))
        {
            return new FileOpenResult(FileOpenStatus.NotFound);
        }

        try
        {
            if (await _manifest.FindAsync(session.User, name, cancellationToken).ConfigureAwait(false) is not { } file)
            {
                return new FileOpenResult(FileOpenStatus.NotFound);
            }

            var (content, cause) = folder.Open(session.User, file);
            if (content is not null)
            {
                return new FileOpenResult(FileOpenStatus.Found) { File = file, Content = content };
            }

            logger.FileLost(session.User, file.Name, file.Size, cause);
            return new FileOpenResult(FileOpenStatus.Lost) { File = file };
        }
        catch (Exception exception) when (IsStorageFault(exception, cancellationToken))
        {
            logger.FileOpenFailed(exception, session.User);
            return new FileOpenResult(FileOpenStatus.Unavailable);
        }
    }

    public ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _manifest.ListAsync(session.User, cancellationToken);
    }

    public async ValueTask<bool> DeleteAsync(UserSession session, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(name);
        if (!StoredFile.IsValidName(name) || !await _manifest.RemoveAsync(session.User, name, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        DeleteQuietly(folder.GetPath(session.User, name));
        return true;
    }

    private async Task<FileSaveResult> CopyAsync(FileUpload upload, string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var copied = await upload.CopyToAsync(file, _options, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            return copied;
        }
    }

    private async Task<FileSaveResult> KeepAsync(UserId user, StoredFile file, string temporary, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // The file name of an upload with an idempotency key is the same in every attempt. If an earlier attempt left bytes without a row,
        // these bytes are replaced.
        var isTaken = await _manifest.FindAsync(user, file.Name, cancellationToken).ConfigureAwait(false) is not null;
        var path = folder.Publish(temporary, user, file.Name, overwrite: !isTaken);
        try
        {
            // The upload cannot be canceled after its bytes have been moved to their final path.
            if (await _manifest.AddAsync(user, file, _options.MaxFiles, CancellationToken.None).ConfigureAwait(false))
            {
                return new FileSaveResult(FileSaveStatus.Saved, file);
            }
        }
        catch (Exception exception)
        {
            logger.FileSaveFailed(exception, user);
            return await ReadBackAsync(user, file, path).ConfigureAwait(false);
        }

        DeleteQuietly(path);
        return new FileSaveResult(FileSaveStatus.TooMany);
    }

    /// <summary>
    /// Handles a failed write to the manifest. The row may have been written although the call failed, so the row is read again. If the row
    /// does not exist, the bytes are deleted. If the manifest cannot be read, the bytes remain until FileSweeper checks them.
    /// </summary>
    private async Task<FileSaveResult> ReadBackAsync(UserId user, StoredFile file, string path)
    {
        if (await _manifest.FindAsync(user, file.Name, CancellationToken.None).ConfigureAwait(false) is { } row)
        {
            return row.Sha256 == file.Sha256
                ? new FileSaveResult(FileSaveStatus.Saved, row)
                : new FileSaveResult(FileSaveStatus.Unavailable);
        }

        DeleteQuietly(path);
        return new FileSaveResult(FileSaveStatus.Unavailable);
    }

    private void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.FileLeftBehind(exception);
        }
    }

    private static bool IsStorageFault(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception is not ArgumentException;
}
