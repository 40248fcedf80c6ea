using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents a database connection with its prepared statements. A connection is not thread-safe, so only one caller at a time may use it.
/// </summary>
internal sealed class StoreConnection : IDisposable
{
    private readonly SqliteConnection _connection;

    // The keys are compared by reference, because every SQL text is a constant of this package.
    private readonly Dictionary<string, StoreStatement> _statements = new(ReferenceEqualityComparer.Instance);

    public StoreConnection(string connectionString, TimeSpan busyTimeout)
    {
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            raw.sqlite3_busy_timeout(_connection.Handle, (int)busyTimeout.TotalMilliseconds);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement, and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var rows = Query(sql, values);
        while (rows.Read())
        {
        }

        return raw.sqlite3_changes(_connection.Handle);
    }

    public StoreRows Query(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => new(Bind(sql, values));

    /// <summary>Returns the first column of the first row, or <see langword="null"/> if there is no row or the value is null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var statement = Bind(sql, values);
        using var rows = new StoreRows(statement);
        return rows.Read() ? statement.GetValue(0) : null;
    }

    /// <summary>
    /// Sets whether SQLite keeps the write-ahead log unchanged when the last connection closes. The log must be kept until the store has
    /// checked that the file is its own database.
    /// </summary>
    public void KeepLogOnClose(bool keep) =>
        raw.sqlite3_db_config(_connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);

    public long LastRowId() => raw.sqlite3_last_insert_rowid(_connection.Handle);

    /// <summary>
    /// Runs a callback in a write transaction, which is rolled back if the callback throws an exception. The transaction acquires the write
    /// lock when it begins. If it acquired the lock after its first read, it would fail when another transaction had written after that
    /// read.
    /// </summary>
    public T InTransaction<T>(Func<StoreConnection, T> work)
    {
        Execute("begin immediate");
        try
        {
            var result = work(this);
            Execute("commit");
            return result;
        }
        catch
        {
            // After some errors, such as a full disk, SQLite has already rolled the transaction back.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                Execute("rollback");
            }

            throw;
        }
    }

    /// <summary>Runs a callback that reads one consistent snapshot of the database.</summary>
    public T InSnapshot<T>(Func<StoreConnection, T> work)
    {
        Execute("begin");
        try
        {
            return work(this);
        }
        finally
        {
            Execute("rollback");
        }
    }

    /// <summary>Runs SQL statements that have no parameters and no result. The statements are not prepared for another execution.</summary>
    public void Run(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(_connection.Handle, sql), _connection.Handle);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private StoreStatement Bind(string sql, ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new StoreStatement(_connection.Handle!, sql, values);
            _statements.Add(sql, statement);
        }

        statement.Bind(values);
        return statement;
    }
}
