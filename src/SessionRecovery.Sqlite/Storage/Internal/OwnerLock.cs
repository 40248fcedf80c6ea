using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// An exclusive lock on <c>&lt;database&gt;.owner</c>, held while the process uses the database. The operating system releases it however
/// the process ends. The lock file is not deleted: otherwise two processes could lock two files of the same name.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private OwnerLock(FileStream file) => _file = file;

    public static async Task<OwnerLock> AcquireAsync(
        DatabaseLocation location, TimeSpan timeout, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        if (AppContext.TryGetSwitch("System.IO.DisableFileLocking", out var isDisabled) && isDisabled)
        {
            throw NoLocks(location);
        }

        var started = time.GetTimestamp();
        var waits = false;
        while (true)
        {
            try
            {
                var owner = new OwnerLock(Open(location.OwnerPath));
                owner.ThrowUnlessExclusive(location);
                return owner;
            }
            catch (IOException exception) when (IsHeldByAnother(exception))
            {
                if (time.GetElapsedTime(started) >= timeout)
                {
                    throw new InvalidOperationException(
                        $"The credit database '{location.Path}' is in use by another process; stop that one first, or give this one a "
                        + "database of its own.",
                        exception);
                }
            }

            if (!waits)
            {
                waits = true;
                logger.WaitingForOwner(location.FileName, timeout);
            }

            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Acquires the lock if no other process has it; otherwise returns <see langword="null"/>.</summary>
    public static OwnerLock? TryAcquire(DatabaseLocation location)
    {
        try
        {
            return new OwnerLock(Open(location.OwnerPath));
        }
        catch (IOException exception) when (IsHeldByAnother(exception))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    // .NET opens a file without a lock if locks are disabled by a setting, or if the file system has none.
    private void ThrowUnlessExclusive(DatabaseLocation location)
    {
        try
        {
            Open(location.OwnerPath).Dispose();
        }
        catch (IOException exception) when (IsHeldByAnother(exception))
        {
            return;
        }

        Dispose();
        throw NoLocks(location);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    private static InvalidOperationException NoLocks(DatabaseLocation location) =>
        new($"The credit database '{location.Path}' cannot be protected from a second process because file locking is disabled or not "
            + "supported; remove the setting DOTNET_SYSTEM_IO_DISABLEFILELOCKING (System.IO.DisableFileLocking), or use a local disk.");

    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows, EAGAIN on Linux and on macOS. Other errors do not mean a lock.
    private static bool IsHeldByAnother(IOException exception) => (exception.HResult & 0xFFFF) is 32 or 33 or 11 or 35;
}
