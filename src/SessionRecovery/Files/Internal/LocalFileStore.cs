using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>
/// Stores bytes on local disk and rows in the manifest. Bytes are written first: a row without bytes is a loss, bytes without a row are
/// not.
/// </summary>
internal sealed class LocalFileStore(
    IOptions<UserFileOptions> options,
    TimeProvider time,
    ILogger<LocalFileStore> logger,
    IFileManifest? manifest = null) : IFileStore
{
    private readonly IFileManifest _manifest = manifest ?? throw new InvalidOperationException(
        "AddLocalFiles(…) requires a file manifest, which is kept beside the credits. Call UseSqlite(…), or register an IFileManifest.");

    private readonly UserFileOptions _options = options.Value;
    private readonly FileFolder _folder = new(options.Value.Folder);

    public async ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(upload);
        if (StoredFile.NormalizeContentType(upload.ContentType) is null)
        {
            return new FileSaveResult(FileSaveStatus.UnsupportedType);
        }

        var temporary = _folder.CreateTemporaryPath();
        try
        {
            if ((await _manifest.ListAsync(session.User, cancellationToken).ConfigureAwait(false)).Count >= _options.MaxFiles)
            {
                return new FileSaveResult(FileSaveStatus.TooMany);
            }

            var copied = await CopyAsync(upload, temporary, cancellationToken).ConfigureAwait(false);
            return copied.File is { } file
                ? await KeepAsync(session.User, file, temporary, cancellationToken).ConfigureAwait(false)
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

            var (content, cause) = _folder.Open(session.User, file);
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

        DeleteQuietly(_folder.GetPath(session.User, name));
        return true;
    }

    private async Task<FileSaveResult> CopyAsync(FileUpload upload, string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var copied = await upload.CopyToAsync(file, _options.MaxSize, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            return copied;
        }
    }

    private async Task<FileSaveResult> KeepAsync(UserId user, StoredFile file, string temporary, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = _folder.GetPath(user, file.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(temporary, path, overwrite: false);

        // From here on the upload cannot be canceled, and the bytes remain if the manifest fails, because the row may have been written.
        if (await _manifest.AddAsync(user, file, _options.MaxFiles, CancellationToken.None).ConfigureAwait(false))
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
            logger.FileLeftBehind(exception);
        }
    }

    private static bool IsStorageFault(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception is not ArgumentException;
}
