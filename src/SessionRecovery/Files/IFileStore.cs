using SessionRecovery.Sessions;

namespace SessionRecovery.Files;

/// <summary>The users' own files: bytes and manifest together. Local disk by default; a provider may bring its own. Thread-safe.</summary>
/// <remarks>A name that no file can have, a foreign file and a missing one all look the same.</remarks>
public interface IFileStore
{
    /// <summary>Stores a file whole or not at all: temporary file, flush, rename, then the row.</summary>
    ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken);

    /// <summary>Opens a file of this user's.</summary>
    ValueTask<FileOpenResult> OpenAsync(UserSession session, string name, CancellationToken cancellationToken);

    /// <summary>Lists this user's files, the latest first.</summary>
    /// <remarks>Any exception but a cancellation means that the files could not be asked for.</remarks>
    ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserSession session, CancellationToken cancellationToken);

    /// <summary>Deletes a file of this user's: first the row, then the bytes.</summary>
    /// <returns>Whether there was one.</returns>
    /// <remarks>Any exception but a cancellation means that the manifest could not be asked; deleting again is safe.</remarks>
    ValueTask<bool> DeleteAsync(UserSession session, string name, CancellationToken cancellationToken);
}
