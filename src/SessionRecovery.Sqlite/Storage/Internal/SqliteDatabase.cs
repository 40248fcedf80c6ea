using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Shared;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents the open database file with one writer connection and several reader connections. One caller at a time uses the writer, and
/// readers never wait for the writer. Database work runs synchronously, because SQLite has no asynchronous I/O. At most one thread is
/// blocked by a write to disk, and all other callers wait asynchronously.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteStoreOptions _options;
    private readonly CreditOptions _credits;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteDatabase> _logger;
    private readonly WriteQueue _writes;
    private readonly ConcurrentBag<StoreConnection> _readers = [];
    private readonly SharedResult<int> _writeCheck;
    private OwnerLock? _owner;
    private StoreConnection? _writer;
    private FileWatch? _watch;
    private int _failedCheck;
    private volatile bool _isOpen;
    private volatile HandedOverDatabase? _handedOver;
    private bool _wasOpen;

    public SqliteDatabase(
        IOptions<SqliteStoreOptions> options, IOptions<CreditOptions> credits, TimeProvider time, ILogger<SqliteDatabase> logger)
    {
        _options = options.Value;
        _credits = credits.Value;
        _time = time;
        _logger = logger;
        _writeCheck = new SharedResult<int>(time);
        _writes = new WriteQueue(group => GroupCommit.Run(group, Write));
    }

    /// <summary>Gets the incarnation of this database. Versions of an account can be compared only within one incarnation.</summary>
    public string Incarnation { get; private set; } = string.Empty;

    /// <summary>Gets the paths of the database files; <see langword="null"/> until the database was opened.</summary>
    public DatabaseLocation? Location { get; private set; }

    public long InitialCredits => _options.InitialCredits;

    /// <summary>Opens the database. If another process uses the database, the method waits until that process closes it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The database cannot be used. The message explains the cause to the operator. No file was changed.
    /// </exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var location = DatabaseLocation.Parse(_options.ConnectionString);
        try
        {
            var isInspected = DatabaseInspection.Inspect(location);
            _owner = await OwnerLock.AcquireAsync(location, _options.OwnerLockTimeout, _time, _logger, cancellationToken)
                .ConfigureAwait(false);
            DatabaseInspection.RejectLogWithoutDatabase(location);
            PrivateFile.Create(location.Path);
            _writer = new StoreConnection(location.WriterConnectionString, _options.BusyTimeout);
            Location = location;
            Incarnation = DatabasePreparation.Prepare(_writer, location, isInspected, InitialCredits, _time.GetUtcNow(), _logger);
            _watch = FileWatch.Create(location, _time, _logger);
            _wasOpen = true;
            _isOpen = true;
        }
        catch (Exception exception)
        {
            Release();
            if (exception is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw DatabaseInspection.Explain(location, exception);
            }

            throw;
        }
    }

    /// <summary>Converts an exception that was thrown at startup to an exception with a message for the operator.</summary>
    public InvalidOperationException Explain(SqliteException exception) => DatabaseInspection.Explain(Location!, exception);

    /// <summary>
    /// Runs a callback in a transaction of the writer connection. Callbacks that wait at the same time share a transaction, so a callback
    /// may run again after a rollback. The call can be canceled until the transaction begins.
    /// </summary>
    public ValueTask<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        if (!_writes.TryEnter())
        {
            var write = new PendingWrite<T>(work, cancellationToken);
            _writes.Add(write);
            return new ValueTask<T>(write.Result);
        }

        try
        {
            return new ValueTask<T>(Write(work));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(exception);
        }
        finally
        {
            _writes.Exit();
        }
    }

    /// <summary>Runs a callback on a reader connection. The reader sees every committed transaction.</summary>
    public T Read<T>(Func<StoreConnection, T> work)
    {
        if (!_isOpen)
        {
            return _handedOver is { } handedOver ? handedOver.Read(work) : throw CreateClosedException();
        }

        try
        {
            _watch!.ThrowIfMoved();
        }
        catch (ObjectDisposedException) when (_handedOver is { } handedOver)
        {
            // The database was handed over after the check of _isOpen.
            return handedOver.Read(work);
        }

        if (!_readers.TryTake(out var reader))
        {
            reader = new StoreConnection(Location!.ReaderConnectionString, _options.BusyTimeout);
        }

        try
        {
            return work(reader);
        }
        finally
        {
            _readers.Add(reader);
            if (!_isOpen)
            {
                CloseReaders();
            }
        }
    }

    /// <summary>
    /// Checks with a small write whether commands can be written. A read would not be sufficient, because reads succeed on a full disk and
    /// on a read-only file system. At most one check per <see cref="CreditOptions.MinRefreshInterval"/> starts, because any signed-in user
    /// can cause a check. All callers share the result of the check.
    /// </summary>
    public Task CheckWriteAsync() => _writeCheck.GetAsync(WriteCheckAsync, _credits.MinRefreshInterval);

    /// <summary>
    /// Waits for the running command and then closes the database, so that the next process can open the database. Each later command opens
    /// the database for one transaction, as long as no other process has opened the database.
    /// </summary>
    public async Task HandOverAsync()
    {
        await _writes.EnterAsync().ConfigureAwait(false);
        try
        {
            if (_isOpen)
            {
                _handedOver = new HandedOverDatabase(Location!, Incarnation, _options.BusyTimeout);
                _isOpen = false;
                Release();
                _logger.DatabaseHandedOver(Location!.FileName);
            }
        }
        finally
        {
            _writes.Exit();
        }
    }

    /// <summary>Waits for the running command and then closes the database. Later commands are rejected.</summary>
    public async Task CloseAsync()
    {
        await _writes.EnterAsync().ConfigureAwait(false);
        try
        {
            _handedOver = null;
            Close();
        }
        finally
        {
            _writes.Exit();
        }
    }

    public void Dispose()
    {
        _writes.Enter();
        try
        {
            Close();
        }
        finally
        {
            _writes.Exit();
        }
    }

    // The caller has the writer connection.
    private T Write<T>(Func<StoreConnection, T> work)
    {
        if (!_isOpen)
        {
            return _handedOver is { } handedOver ? handedOver.Write(work) : throw CreateClosedException();
        }

        _watch!.ThrowIfMoved();
        return _writer!.InTransaction(work);
    }

    private async Task<int> WriteCheckAsync()
    {
        try
        {
            // Each check writes a new value, because SQLite does not write a page whose content is unchanged.
            var rows = await WriteAsync(
                connection => connection.Execute(
                    "update settings set checked_at = max($now, coalesce(checked_at, 0) + 1)", ("$now", _time.GetUtcNow().ToStore())),
                CancellationToken.None).ConfigureAwait(false);
            _failedCheck = 0;
            return rows;
        }
        catch (SqliteException exception)
        {
            if (_failedCheck != exception.SqliteExtendedErrorCode)
            {
                _failedCheck = exception.SqliteExtendedErrorCode;
                _logger.WriteCheckFailed(
                    exception, Location!.FileName, exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
            }

            throw;
        }
    }

    private void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            Release();
            _logger.DatabaseClosed(Location!.FileName);
        }
    }

    // The readers close before the writer, because the last connection that closes copies the write-ahead log into the database file. The
    // owner lock is released last.
    private void Release()
    {
        CloseReaders();
        _watch?.Dispose();
        _writer?.Dispose();
        _writer = null;
        _owner?.Dispose();
        _owner = null;
    }

    private void CloseReaders()
    {
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private InvalidOperationException CreateClosedException() => _wasOpen
        ? new ObjectDisposedException(typeof(SqliteDatabase).FullName)
        : new InvalidOperationException("The credit database opens when the host starts; this host has not started.");
}
