namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Gives a stopping host access to a database that was already handed over to the next process. A service of the host may still use the
/// store after the last request. Every call opens the database file and closes it again.
/// </summary>
internal sealed class HandedOverDatabase(DatabaseLocation location, string incarnation, TimeSpan busyTimeout)
{
    /// <summary>
    /// Runs a callback in a transaction. The owner lock is held for only this transaction, so that a starting process, which polls for the
    /// lock, waits only for the end of the transaction.
    /// </summary>
    /// <exception cref="DatabaseHandedOverException">Another process has the owner lock, or has changed the database.</exception>
    /// <exception cref="DatabaseMovedException">The database file does not exist.</exception>
    public T Write<T>(Func<StoreConnection, T> work)
    {
        using var owner = OwnerLock.TryAcquire(location) ?? throw new DatabaseHandedOverException();
        using var writer = Open(location.WriterConnectionString);
        writer.Run("pragma synchronous = full");
        return writer.InTransaction(work);
    }

    /// <summary>
    /// Runs a callback that only reads. Readers need no lock. If the next process has already opened the database, the reader sees the
    /// transactions that the next process has committed.
    /// </summary>
    /// <exception cref="DatabaseHandedOverException">Another process has changed the database.</exception>
    /// <exception cref="DatabaseMovedException">The database file does not exist.</exception>
    public T Read<T>(Func<StoreConnection, T> work)
    {
        using var reader = Open(location.ReaderConnectionString);
        return work(reader);
    }

    // The next process may be a later release that has changed the schema, or the file may have been replaced since the hand-over.
    private StoreConnection Open(string connectionString)
    {
        if (!File.Exists(location.Path))
        {
            throw new DatabaseMovedException(location.Path);
        }

        var connection = new StoreConnection(connectionString, busyTimeout);
        try
        {
            return connection.Scalar("pragma user_version") is Schema.Version
                && Equals(connection.Scalar("select incarnation from settings where id = 1"), incarnation)
                ? connection
                : throw new DatabaseHandedOverException();
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
