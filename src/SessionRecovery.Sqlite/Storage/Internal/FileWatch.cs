using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Checks at most once a second whether the files of the open database are still at their paths. A process goes on reading and writing a
/// file that was deleted, but no later process finds it, so that nothing may be acknowledged any more.
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

    /// <summary>Creates a watch of the files of an open database. The log must exist.</summary>
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

    /// <summary>Checks the files if the last check is a second old.</summary>
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

        // The index of the log is not opened here: closing it would end SQLite's own locks on it.
        if (!File.Exists(_location.LogIndexPath))
        {
            return _location.LogIndexPath;
        }

        // A file that was emptied in place is still the same file.
        return new FileInfo(_location.Path) is { Exists: true, Length: > 0 } ? null : _location.Path;
    }
}
