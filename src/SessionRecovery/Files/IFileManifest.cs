using SessionRecovery.Sessions;

namespace SessionRecovery.Files;

/// <summary>One row per file, kept beside the credits. The local file store needs one; the embedded store brings it. Thread-safe.</summary>
/// <remarks>Any exception but a cancellation means that the manifest could not be asked.</remarks>
public interface IFileManifest
{
    /// <summary>Adds a row, unless the user has <paramref name="limit"/> rows or more already.</summary>
    /// <returns>Whether it was added.</returns>
    ValueTask<bool> AddAsync(UserId user, StoredFile file, int limit, CancellationToken cancellationToken);

    /// <summary>Finds a row by its name, compared by ordinal value.</summary>
    ValueTask<StoredFile?> FindAsync(UserId user, string name, CancellationToken cancellationToken);

    /// <summary>Lists a user's rows, the latest first.</summary>
    ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserId user, CancellationToken cancellationToken);

    /// <summary>Removes a row.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveAsync(UserId user, string name, CancellationToken cancellationToken);
}
