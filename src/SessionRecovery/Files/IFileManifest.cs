using SessionRecovery.Sessions;

namespace SessionRecovery.Files;

/// <summary>
/// Stores one row for each uploaded file. The local file store requires a manifest, and the SQLite store implements one. Implementations
/// must be thread-safe.
/// </summary>
/// <remarks>If a method throws an exception other than a cancellation, callers assume that the manifest could not be reached.</remarks>
public interface IFileManifest
{
    /// <summary>Adds a row unless the user already has <paramref name="limit"/> rows or more.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="file">The file.</param>
    /// <param name="limit">The maximum number of rows that the user may have.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns><see langword="true"/> if the row was added.</returns>
    ValueTask<bool> AddAsync(UserId user, StoredFile file, int limit, CancellationToken cancellationToken);

    /// <summary>Finds a row of the user by its name. Names are compared by ordinal value.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The file; <see langword="null"/> if the user has no such file.</returns>
    ValueTask<StoredFile?> FindAsync(UserId user, string name, CancellationToken cancellationToken);

    /// <summary>Lists the user's rows, the most recent first.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The files.</returns>
    ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserId user, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a value that indicates whether any user has a row with the given name. Stored bytes without a row are deleted when they are
    /// older than one day.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// <see langword="true"/> if a row with this name exists. The default implementation always returns <see langword="true"/>, so that no
    /// stored bytes are deleted.
    /// </returns>
    ValueTask<bool> ContainsAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>Removes a row of the user.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns><see langword="true"/> if the row existed.</returns>
    ValueTask<bool> RemoveAsync(UserId user, string name, CancellationToken cancellationToken);
}
