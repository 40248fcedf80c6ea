using SessionRecovery.Sessions;

namespace SessionRecovery.Files;

/// <summary>
/// Keeps one row per file, beside the credits. Required by the local file store and implemented by the embedded store. Thread-safe.
/// </summary>
/// <remarks>Any exception except a cancellation means that the manifest could not be reached.</remarks>
public interface IFileManifest
{
    /// <summary>Adds a row, unless the user has <paramref name="limit"/> rows or more.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="file">The file.</param>
    /// <param name="limit">The maximum number of rows of the user.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether the row was added.</returns>
    ValueTask<bool> AddAsync(UserId user, StoredFile file, int limit, CancellationToken cancellationToken);

    /// <summary>Finds a row by its name, compared by ordinal value.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The file; <see langword="null"/> if the user has no such file.</returns>
    ValueTask<StoredFile?> FindAsync(UserId user, string name, CancellationToken cancellationToken);

    /// <summary>Lists a user's rows, the most recent first.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The files.</returns>
    ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserId user, CancellationToken cancellationToken);

    /// <summary>
    /// Returns whether any user has a row with the name. Bytes on disk without a row are deleted when they are older than a day.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether there is such a row. The default implementation returns <see langword="true"/>: nothing is deleted.</returns>
    ValueTask<bool> ContainsAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>Removes a row.</summary>
    /// <param name="user">The owner.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether there was such a row.</returns>
    ValueTask<bool> RemoveAsync(UserId user, string name, CancellationToken cancellationToken);
}
