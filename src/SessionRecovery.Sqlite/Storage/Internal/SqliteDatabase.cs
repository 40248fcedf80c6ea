using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Shared;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents the open database file with one writer connection and several reader connections. One caller at a time uses the writer, and
/// readers never wait for the writer. Database work runs synchronously on the caller's thread, because SQLite has no asynchronous I/O. At
/// most one thread is blocked by a write to disk, and all other callers wait asynchronously.
/// </summary>
internal sealed class SqliteDatabase(
    IOptions<SqliteStoreOptions> options,
    IOptions<CreditOptions> credits,
    TimeProvider time,
    ILogger<SqliteDatabase> logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentBag<StoreConnection> _readers = [];
    private readonly SharedResult<int> _writeCheck = new(time);
    private OwnerLock? _owner;
    private StoreConnection? _writer;
    private FileWatch? _watch;
    private int _failedCheck;
    private volatile bool _isOpen;
    private volatile bool _isHandedOver;
    private bool _wasOpen;

    /// <summary>Gets the incarnation of this database. Versions of an account can be compared only within one incarnation.</summary>
    public string Incarnation { get; private set; } = string.Empty;

    /// <summary>Gets the paths of the database files; <see langword="null"/> until the database was opened.</summary>
    public DatabaseLocation? Location { get; private set; }

    public long InitialCredits { get; } = options.Value.InitialCredits;

    /// <summary>Opens the database. If another process uses the database, the method waits until that process closes it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The database cannot be used. The message explains the cause to the operator. No file was changed.
    /// </exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var location = DatabaseLocation.Parse(options.Value.ConnectionString);
        try
        {
            var isInspected = DatabaseInspection.Inspect(location);
            _owner = await OwnerLock.AcquireAsync(location, options.Value.OwnerLockTimeout, time, logger, cancellationToken)
                .ConfigureAwait(false);
            DatabaseInspection.RejectLogWithoutDatabase(location);
            PrivateFile.Create(location.Path);
            _writer = new StoreConnection(location.WriterConnectionString, options.Value.BusyTimeout);
            Location = location;
            Prepare(_writer, location, isInspected);
            _watch = FileWatch.Create(location, time, logger);
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

    /// <summary>Runs a callback in a transaction of the writer connection. The call can be canceled until the transaction begins.</summary>
    public async ValueTask<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isOpen)
            {
                return _isHandedOver ? WriteAfterHandOver(work) : throw CreateClosedException();
            }

            _watch!.ThrowIfMoved();
            return _writer!.InTransaction(work);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs a callback on a reader connection. The reader sees every committed transaction.</summary>
    public T Read<T>(Func<StoreConnection, T> work)
    {
        if (!_isOpen)
        {
            return _isHandedOver ? ReadAfterHandOver(work) : throw CreateClosedException();
        }

        try
        {
            _watch!.ThrowIfMoved();
        }
        catch (ObjectDisposedException) when (_isHandedOver)
        {
            // The database was handed over after the check of _isOpen.
            return ReadAfterHandOver(work);
        }

        if (!_readers.TryTake(out var reader))
        {
            reader = new StoreConnection(Location!.ReaderConnectionString, options.Value.BusyTimeout);
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
    public Task CheckWriteAsync() => _writeCheck.GetAsync(WriteCheckAsync, credits.Value.MinRefreshInterval);

    /// <summary>
    /// Waits for the running command and then closes the database, so that the next process can open the database. Each later command opens
    /// the database for one transaction, as long as no other process has opened the database.
    /// </summary>
    public async Task HandOverAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_isOpen)
            {
                _isHandedOver = true;
                _isOpen = false;
                Release();
                logger.DatabaseHandedOver(Location!.FileName);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Waits for the running command and then closes the database. Later commands are rejected.</summary>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _isHandedOver = false;
            Close();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Wait();
        try
        {
            Close();
        }
        finally
        {
            _gate.Release();
        }
    }

    // A service of the host may still use the store after the last request. The owner lock is held for only one transaction, so that a
    // starting process, which polls for the lock, waits only for the end of the transaction.
    private T WriteAfterHandOver<T>(Func<StoreConnection, T> work)
    {
        using var owner = OwnerLock.TryAcquire(Location!) ?? throw new DatabaseHandedOverException();
        if (!File.Exists(Location!.Path))
        {
            throw new DatabaseMovedException(Location.Path);
        }

        using var writer = new StoreConnection(Location.WriterConnectionString, options.Value.BusyTimeout);
        ThrowUnlessSame(writer);
        writer.Run("pragma synchronous = full");
        return writer.InTransaction(work);
    }

    // Readers need no lock. If the next process has already opened the database, the reader sees the transactions that the next process has
    // committed.
    private T ReadAfterHandOver<T>(Func<StoreConnection, T> work)
    {
        if (!File.Exists(Location!.Path))
        {
            throw new DatabaseMovedException(Location.Path);
        }

        using var reader = new StoreConnection(Location.ReaderConnectionString, options.Value.BusyTimeout);
        ThrowUnlessSame(reader);
        return work(reader);
    }

    // The next process may be a later release that has changed the schema, or the file may have been replaced meanwhile.
    private void ThrowUnlessSame(StoreConnection connection)
    {
        if (connection.Scalar("pragma user_version") is not Schema.Version
            || !Equals(connection.Scalar("select incarnation from settings where id = 1"), Incarnation))
        {
            throw new DatabaseHandedOverException();
        }
    }

    private async Task<int> WriteCheckAsync()
    {
        try
        {
            // Each check writes a new value, because SQLite does not write a page whose content is unchanged.
            var rows = await WriteAsync(
                connection => connection.Execute(
                    "update settings set checked_at = max($now, coalesce(checked_at, 0) + 1)", ("$now", time.GetUtcNow().ToStore())),
                CancellationToken.None).ConfigureAwait(false);
            _failedCheck = 0;
            return rows;
        }
        catch (SqliteException exception)
        {
            if (_failedCheck != exception.SqliteExtendedErrorCode)
            {
                _failedCheck = exception.SqliteExtendedErrorCode;
                logger.WriteCheckFailed(
                    exception, Location!.FileName, exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
            }

            throw;
        }
    }

    private void Prepare(StoreConnection writer, DatabaseLocation location, bool isInspected)
    {
        // The checks are repeated after the owner lock is acquired, because another process may have created or upgraded the file in the
        // meantime. Changes that a crashed process wrote last are visible only together with the write-ahead log.
        writer.KeepLogOnClose(true);
        if (!isInspected)
        {
            DatabaseInspection.Check(writer, location);
        }

        var exists = Schema.Exists(writer, location.Path);
        writer.KeepLogOnClose(false);

        if (writer.Scalar("pragma journal_mode = wal") is not "wal")
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' is on a file system without shared memory, such as a network share; put it on a "
                + "local disk.");
        }

        writer.Run("pragma synchronous = full");
        var now = time.GetUtcNow();
        var version = writer.InTransaction(connection =>
        {
            if (!exists)
            {
                Schema.Create(connection, InitialCredits, now);
            }

            var before = Schema.Upgrade(connection);
            connection.Execute("update settings set initial_amount = $initial where initial_amount <> "
                + "$initial", ("$initial", InitialCredits));
            Incarnation = (string)connection.Scalar("select incarnation from settings where id = 1")!;
            return before;
        });

        if (version < Schema.Version)
        {
            logger.DatabaseUpgraded(location.FileName, version, Schema.Version);
        }

        if (exists)
        {
            logger.DatabaseOpened(location.FileName);
        }
        else
        {
            logger.DatabaseCreated(location.FileName);
        }
    }

    private void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            Release();
            logger.DatabaseClosed(Location!.FileName);
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
