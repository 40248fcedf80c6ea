using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Files;

/// <summary>
/// A file manifest whose <c>AddAsync</c> method always fails. The failure occurs before or after the row is written, and later reads may
/// also fail.
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
