using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>A connection with its prepared statements. Not thread-safe: one caller at a time uses it.</summary>
internal sealed class StoreConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

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

    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Bind(sql, values).ExecuteNonQuery();

    public SqliteDataReader Query(string sql, params ReadOnlySpan<(string Name, object? Value)> values) =>
        Bind(sql, values).ExecuteReader();

    /// <summary>Returns the first column of the first row; <see langword="null"/> if there is no row or no value.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var value = Bind(sql, values).ExecuteScalar();
        return value is DBNull ? null : value;
    }

    /// <summary>
    /// Sets whether closing the last connection leaves the write-ahead log as it is, which it must until the file is known to belong to
    /// this store.
    /// </summary>
    public void KeepLogOnClose(bool keep) =>
        raw.sqlite3_db_config(_connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);

    public long LastRowId() => raw.sqlite3_last_insert_rowid(_connection.Handle);

    /// <summary>
    /// Runs work in a write transaction, which is rolled back if the work throws. It takes the write lock at its start: a transaction that
    /// reads first and then writes fails if another one wrote in between.
    /// </summary>
    public T InTransaction<T>(Func<StoreConnection, T> work)
    {
        Run("begin immediate");
        try
        {
            var result = work(this);
            Run("commit");
            return result;
        }
        catch
        {
            // After some errors (a full disk, an I/O error) SQLite has already rolled back.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                Run("rollback");
            }

            throw;
        }
    }

    /// <summary>Runs work on one snapshot.</summary>
    public T InSnapshot<T>(Func<StoreConnection, T> work)
    {
        Run("begin");
        try
        {
            return work(this);
        }
        finally
        {
            Run("rollback");
        }
    }

    /// <summary>Runs statements without parameters and without a result.</summary>
    public void Run(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(_connection.Handle, sql), _connection.Handle);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this package; values are always parameters.
            statement.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, _) in values)
            {
                statement.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            _statements.Add(sql, statement);
        }

        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        }

        return statement;
    }
}
