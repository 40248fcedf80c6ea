using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Checks at most once per second whether the files of the open database are still at their paths. The operating system lets a process
/// write to a deleted file, but no later process can read these changes. The store must therefore not acknowledge a change after a file was
/// deleted.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly DatabaseLocation _location;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<(string Path, FileIdentity Identity)> _files = [];
    private long _checked;
    private string? _missing;
    private bool _isDisposed;

    private FileWatch(DatabaseLocation location, TimeProvider time, ILogger logger)
    {
        _location = location;
        _time = time;
        _logger = logger;
        _checked = time.GetTimestamp();
    }

    /// <summary>Creates a <see cref="FileWatch"/> for the files of an open database. The write-ahead log must exist.</summary>
    public static FileWatch Create(DatabaseLocation location, TimeProvider time, ILogger logger)
    {
        var watch = new FileWatch(location, time, logger);
        try
        {
            foreach (var path in (ReadOnlySpan<string>)[location.Path, location.LogPath, location.OwnerPath])
            {
                watch._files.Add((path, FileIdentity.Create(path)));
            }

            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Checks the files if the last check was at least one second ago.</summary>
    /// <exception cref="DatabaseMovedException">A file is no longer at its path.</exception>
    public void ThrowIfMoved()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_time.GetElapsedTime(_checked) >= Interval)
            {
                _checked = _time.GetTimestamp();
                Check();
            }

            if (_missing is not null)
            {
                throw new DatabaseMovedException(_missing);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var (_, identity) in _files)
            {
                identity.Dispose();
            }
        }
    }

    private void Check()
    {
        var before = _missing;
        _missing = FindMissing();
        if (before is null && _missing is not null)
        {
            _logger.FileMoved(_missing, _location.FileName);
        }
        else if (before is not null && _missing is null)
        {
            _logger.FileReturned(_location.FileName);
        }
    }

    private string? FindMissing()
    {
        foreach (var (path, identity) in _files)
        {
            if (identity.IsMoved())
            {
                return path;
            }
        }

        // The file -shm is not opened here, because closing it would release the locks that SQLite holds on it.
        if (!File.Exists(_location.LogIndexPath))
        {
            return _location.LogIndexPath;
        }

        // A file that was truncated to zero bytes is still the same file, so the length is checked as well.
        return new FileInfo(_location.Path) is { Exists: true, Length: > 0 } ? null : _location.Path;
    }
}
