using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents an exclusive lock on the file <c>&lt;database&gt;.owner</c>, which a process holds while it uses the database. The operating
/// system releases the lock when the process ends for any reason. The lock file is never deleted. If it were deleted, two processes could
/// each lock a different file with the same name.
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

    /// <summary>Acquires the lock. Returns <see langword="null"/> if another process holds the lock.</summary>
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

    // .NET opens a file without a lock if a setting disables file locking, or if the file system does not support locks.
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

    // The lock file is readable only by its owner, because any user who can open the file can also lock the file.
    private static FileStream Open(string path) => PrivateFile.Open(path, FileShare.None);

    private static InvalidOperationException NoLocks(DatabaseLocation location) =>
        new($"The credit database '{location.Path}' cannot be protected from a second process because file locking is disabled or not "
            + "supported; remove the setting DOTNET_SYSTEM_IO_DISABLEFILELOCKING (System.IO.DisableFileLocking), or use a local disk.");

    // The error codes are ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows, and EAGAIN on Linux and macOS. Other error codes do
    // not mean that another process holds the lock.
    private static bool IsHeldByAnother(IOException exception) => (exception.HResult & 0xFFFF) is 32 or 33 or 11 or 35;
}
