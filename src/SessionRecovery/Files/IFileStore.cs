using SessionRecovery.Sessions;

namespace SessionRecovery.Files;

/// <summary>
/// Stores the files of users, with their content and their manifest rows. The default implementation uses the local disk, and a provider
/// package may replace it. Implementations must be thread-safe.
/// </summary>
/// <remarks>An invalid name, a missing file and a file of another user all have the same result.</remarks>
public interface IFileStore
{
    /// <summary>Stores a file. If the upload fails, no part of the file is kept.</summary>
    /// <param name="session">The owner's session.</param>
    /// <param name="upload">The file.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <returns>The result.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<FileSaveResult> SaveAsync(UserSession session, FileUpload upload, CancellationToken cancellationToken);

    /// <summary>Opens one of the user's files.</summary>
    /// <param name="session">The owner's session.</param>
    /// <param name="name">The store's name of the file.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The result. The caller must dispose its content.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<FileOpenResult> OpenAsync(UserSession session, string name, CancellationToken cancellationToken);

    /// <summary>Lists the user's files, the most recent first.</summary>
    /// <param name="session">The owner's session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The files. Any exception except a cancellation means that the store could not be reached.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserSession session, CancellationToken cancellationToken);

    /// <summary>Deletes one of the user's files. Deleting a file again is safe.</summary>
    /// <param name="session">The owner's session.</param>
    /// <param name="name">The store's name of the file.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// <see langword="true"/> if the file existed. Any exception except a cancellation means that the store could not be reached.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<bool> DeleteAsync(UserSession session, string name, CancellationToken cancellationToken);
}
