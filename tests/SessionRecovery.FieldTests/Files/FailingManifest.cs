using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Files;

/// <summary>
/// A manifest whose rows cannot be written: the call fails, before or after the write, and afterwards reads may fail too.
/// </summary>
internal sealed class FailingManifest(IFileManifest inner, bool writes, bool reads) : IFileManifest
{
    private bool _hasFailed;

    public async ValueTask<bool> AddAsync(UserId user, StoredFile file, int limit, CancellationToken cancellationToken)
    {
        if (writes)
        {
            await inner.AddAsync(user, file, limit, cancellationToken);
        }

        _hasFailed = true;
        throw new IOException("There is no room on the disk.");
    }

    public ValueTask<StoredFile?> FindAsync(UserId user, string name, CancellationToken cancellationToken) =>
        _hasFailed && !reads
            ? throw new IOException("There is no room on the disk.")
            : inner.FindAsync(user, name, cancellationToken);

    public ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserId user, CancellationToken cancellationToken) =>
        inner.ListAsync(user, cancellationToken);

    public ValueTask<bool> RemoveAsync(UserId user, string name, CancellationToken cancellationToken) =>
        inner.RemoveAsync(user, name, cancellationToken);
}
