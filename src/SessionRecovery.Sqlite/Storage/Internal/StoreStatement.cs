using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Represents a prepared statement of one connection. The statement calls SQLite directly, because the command and the reader of
/// Microsoft.Data.Sqlite took more time per statement than SQLite itself (see decision 18).
/// </summary>
internal sealed class StoreStatement : IDisposable
{
    private const int MaxStackBytes = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _positions;

    public StoreStatement(sqlite3 database, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        _database = database;
        ThrowIfFailed(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _positions = new int[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            _positions[i] = raw.sqlite3_bind_parameter_index(_statement, parameters[i].Name);
        }
    }

    /// <summary>
    /// Binds values to the parameters of the statement. The values must have the same order as at the first use of the statement. A value
    /// whose name does not occur in the statement is ignored. A parameter to which no value is bound is null, so the statement must have
    /// been reset.
    /// </summary>
    public void Bind(ReadOnlySpan<(string Name, object? Value)> values)
    {
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (_positions[i] > 0 && values[i].Value is { } value)
                {
                    ThrowIfFailed(Bind(_positions[i], value));
                }
            }
        }
        catch
        {
            Reset();
            throw;
        }
    }

    /// <summary>Returns whether there is a next row.</summary>
    /// <exception cref="SqliteException">SQLite reported an error.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        ThrowIfFailed(code);
        return false;
    }

    /// <summary>
    /// Ends the execution, and removes the bound values. The result of the reset is ignored, because it repeats an error that
    /// <see cref="Step"/> has already thrown.
    /// </summary>
    public void Reset()
    {
        raw.sqlite3_reset(_statement);
        raw.sqlite3_clear_bindings(_statement);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(_statement, column);

    public string GetString(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public byte[] GetBytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    /// <summary>Returns a value of a column as a <see cref="long"/>, a string or bytes; <see langword="null"/> for null.</summary>
    public object? GetValue(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => GetInt64(column),
        raw.SQLITE_BLOB => GetBytes(column),
        _ => GetString(column),
    };

    public void Dispose() => _statement.Dispose();

    private int Bind(int position, object value) => value switch
    {
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        int number => raw.sqlite3_bind_int64(_statement, position, number),
        string text => Bind(position, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, position, bytes),
        _ => throw new NotSupportedException($"A value of type {value.GetType().Name} cannot be bound."),
    };

    // SQLite copies the bytes.
    private int Bind(int position, string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = length <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : new byte[length];
        return raw.sqlite3_bind_text(_statement, position, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void ThrowIfFailed(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
