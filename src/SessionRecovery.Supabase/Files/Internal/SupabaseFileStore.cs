using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Files;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>
/// Stores the users' files in Supabase Storage with the credential of each user. An upload is first received into a temporary file, because
/// Storage does not limit the size of a chunked body. The temporary file is also needed because the object name contains the hash of the
/// content.
/// </summary>
internal sealed class SupabaseFileStore(
    StorageBucket bucket,
    CredentialSource credentials,
    IOptions<UserFileOptions> limits,
    TimeProvider time,
    ILogger<SupabaseFileStore> logger) : IFileStore
{
    // The error code that Storage sends for every unexpected failure. If Storage keeps the objects in files, an object whose bytes are
    // missing also causes this code.
    private const string InternalError = "InternalError";

    private readonly UserFileOptions _limits = limits.Value;

    public async ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(upload);
        if (Find(session) is not var (folder, credential))
        {
            return new FileSaveResult(FileSaveStatus.Unavailable);
        }

        try
        {
            var files = await bucket.ListAsync(folder, string.Empty, _limits.MaxFiles, credential, cancellationToken).ConfigureAwait(false);
            if (upload.IdempotencyKey is { } key
                && files.Select(ObjectName.Read).FirstOrDefault(file => file?.IsUploadedWith(key) == true) is { } earlier)
            {
                return new FileSaveResult(FileSaveStatus.Saved, earlier);
            }

            return files.Count >= _limits.MaxFiles
                ? new FileSaveResult(FileSaveStatus.TooMany)
                : await ReceiveAsync(upload, folder, credential, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.FileFailed("receive", session.User, SupabaseFault.Outage, "no_room_for_uploads");
            return new FileSaveResult(FileSaveStatus.Unavailable);
        }
        catch (SupabaseException exception)
        {
            logger.FileFailed("save", session.User, exception.Failure.Fault, exception.Failure.Code);
            return new FileSaveResult(FileSaveStatus.Unavailable);
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

        if (Find(session) is not var (folder, credential))
        {
            return new FileOpenResult(FileOpenStatus.Unavailable);
        }

        try
        {
            return await FindAsync(folder, name, credential, cancellationToken).ConfigureAwait(false) is { } file
                ? await OpenAsync(session.User, folder, file, credential, cancellationToken).ConfigureAwait(false)
                : new FileOpenResult(FileOpenStatus.NotFound);
        }
        catch (SupabaseException exception)
        {
            logger.FileFailed("open", session.User, exception.Failure.Fault, exception.Failure.Code);
            return new FileOpenResult(FileOpenStatus.Unavailable);
        }
    }

    public async ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (folder, credential) = Find(session) ?? throw SupabaseException.Create(new SupabaseFailure(SupabaseFault.Denied, "no_token"));
        var rows = await bucket.ListAsync(folder, string.Empty, _limits.MaxFiles, credential, cancellationToken).ConfigureAwait(false);
        return rows.Select(ObjectName.Read).OfType<StoredFile>().ToList();
    }

    public async ValueTask<bool> DeleteAsync(UserSession session, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(name);
        if (!StoredFile.IsValidName(name))
        {
            return false;
        }

        var (folder, credential) = Find(session) ?? throw SupabaseException.Create(new SupabaseFailure(SupabaseFault.Denied, "no_token"));
        return await FindAsync(folder, name, credential, cancellationToken).ConfigureAwait(false) is { } file
            && await bucket.DeleteAsync($"{folder}/{ObjectName.Create(file)}", credential, cancellationToken)
                .ConfigureAwait(false);
    }

    private (string Folder, SupabaseCredential Credential)? Find(UserSession session) =>
        ObjectName.GetFolder(session.User) is { } folder && credentials.Find(session) is { } credential ? (folder, credential) : null;

    private async Task<FileOpenResult> OpenAsync(
        UserId user, string folder, StoredFile file, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var path = $"{folder}/{ObjectName.Create(file)}";
        try
        {
            var opened = await bucket.OpenAsync(path, position: 0, credential, cancellationToken).ConfigureAwait(false);
            return new FileOpenResult(FileOpenStatus.Found)
            {
                File = file,
                Content = new StorageObjectStream(bucket, path, credential, file.Size, opened),
            };
        }
        catch (SupabaseException exception) when (
            exception.Failure.Fault == SupabaseFault.Missing || exception.Failure.Code == InternalError)
        {
            if (exception.Failure.Code == InternalError
                && !await bucket.HasRowAsync(path, credential, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            // Either the object was deleted after it was listed, or its bytes are missing. A second list request distinguishes the two
            // cases.
            if (await FindAsync(folder, file.Name, credential, cancellationToken).ConfigureAwait(false) is null)
            {
                return new FileOpenResult(FileOpenStatus.NotFound);
            }

            logger.FileFailed("find the bytes of", user, exception.Failure.Fault, exception.Failure.Code);
            return new FileOpenResult(FileOpenStatus.Lost) { File = file };
        }
    }

    private async Task<StoredFile?> FindAsync(
        string folder, string name, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var rows = await bucket.ListAsync(folder, name, limit: 2, credential, cancellationToken).ConfigureAwait(false);
        return rows.Select(ObjectName.Read).FirstOrDefault(file => string.Equals(file?.Name, name, StringComparison.Ordinal));
    }

    private async Task<FileSaveResult> ReceiveAsync(
        FileUpload upload, string folder, SupabaseCredential credential, CancellationToken cancellationToken)
    {
        var temporary = CreateTemporary();
        await using (temporary.ConfigureAwait(false))
        {
            var copied = await upload.CopyToAsync(temporary, _limits, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            if (copied.File is not { } received)
            {
                return copied;
            }

            var file = received with { DisplayName = ObjectName.Shorten(received.DisplayName) };
            temporary.Position = 0;
            await bucket.CreateAsync(
                $"{folder}/{ObjectName.Create(file)}",
                file.ContentType,
                temporary,
                credential,
                cancellationToken).ConfigureAwait(false);
            return new FileSaveResult(FileSaveStatus.Saved, file);
        }
    }

    // The temporary file is deleted when its handle is closed, even if the process is killed. On Unix, the name of the file is removed
    // immediately, and the file exists only while it is open. Other users cannot read the file.
    private FileStream CreateTemporary()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var path = Path.Combine(_limits.Folder.Length == 0 ? Path.GetTempPath() : _limits.Folder, $"session-recovery-{Guid.NewGuid():N}");
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return file;
    }
}
