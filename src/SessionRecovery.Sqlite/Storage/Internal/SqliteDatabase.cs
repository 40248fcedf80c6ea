using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// The one file: a writer connection, which one caller at a time has, and readers beside it, which never wait for the writer.
/// SQLite has no asynchronous I/O, so work runs on the caller's thread: a commit costs one flush of the disk, less than a hop to
/// another thread would save, and no more than one thread waits for that flush because all others wait at the gate without one.
/// </summary>
internal sealed class SqliteDatabase(IOptions<SqliteStoreOptions> options, TimeProvider time, ILogger<SqliteDatabase> logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentBag<StoreConnection> _readers = [];
    private DatabaseLocation? _location;
    private OwnerLock? _owner;
    private StoreConnection? _writer;
    private volatile bool _isOpen;
    private bool _wasOpen;

    /// <summary>The life of this database: versions count within it.</summary>
    public string Incarnation { get; private set; } = string.Empty;

    public long InitialCredits { get; } = options.Value.InitialCredits;

    /// <summary>Takes the file over from a predecessor and opens it.</summary>
    /// <exception cref="InvalidOperationException">
    /// It can't be used; the message is one sentence for the operator. Nothing on disk was changed.
    /// </exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var location = DatabaseLocation.Parse(options.Value.ConnectionString);
        try
        {
            var isInspected = DatabaseInspection.Inspect(location);
            _owner = await OwnerLock.AcquireAsync(location, options.Value.OwnerLockTimeout, time, logger, cancellationToken)
                .ConfigureAwait(false);
            _writer = new StoreConnection(location.WriterConnectionString, options.Value.BusyTimeout);
            _location = location;
            Prepare(_writer, location, isInspected);
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

    /// <summary>One sentence for the operator about a fault on the way up.</summary>
    public InvalidOperationException Explain(SqliteException exception) => DatabaseInspection.Explain(_location!, exception);

    /// <summary>Runs the work in the writer's transaction. Cancellation counts until the transaction begins, never later.</summary>
    public async ValueTask<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowUnlessOpen();
            return _writer!.InTransaction(work);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs the work on a reader; it sees every commit that was acknowledged before.</summary>
    public T Read<T>(Func<StoreConnection, T> work)
    {
        ThrowUnlessOpen();
        if (!_readers.TryTake(out var reader))
        {
            reader = new StoreConnection(_location!.ReaderConnectionString, options.Value.BusyTimeout);
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

    /// <summary>Waits for the command that is under way, then closes; whoever comes later is refused.</summary>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
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

    private void Prepare(StoreConnection writer, DatabaseLocation location, bool isInspected)
    {
        // Asked again with the owner's lock in hand: the file may have been made, or brought to a newer schema, while we waited,
        // and what a crashed process wrote last is only seen together with its log.
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
        writer.InTransaction(connection =>
        {
            if (!exists)
            {
                Schema.Create(connection, InitialCredits, now);
            }

            connection.Execute("update settings set initial_amount = $initial where initial_amount <> "
                + "$initial", ("$initial", InitialCredits));
            Incarnation = (string)connection.Scalar("select incarnation from settings where id = 1")!;
            return exists;
        });

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
            logger.DatabaseClosed(_location!.FileName);
        }
    }

    // Readers first: the last connection to close folds the log into the file. The owner's lock goes last.
    private void Release()
    {
        CloseReaders();
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

    private void ThrowUnlessOpen()
    {
        if (!_isOpen)
        {
            ObjectDisposedException.ThrowIf(_wasOpen, this);
            throw new InvalidOperationException("The credit database opens when the host starts; this host has not started.");
        }
    }
}
