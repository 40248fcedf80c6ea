using Microsoft.Data.Sqlite;

namespace SessionRecovery.Benchmarks;

/// <summary>The least that a durable debit with an idempotency key can be: prepared statements, no checks, no services.</summary>
internal sealed class BareLedger : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _commit;

    public BareLedger(string path, string user)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Command(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE credits (user_id TEXT NOT NULL PRIMARY KEY, credits INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE ledger (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, amount INTEGER NOT NULL, key TEXT NOT NULL, UNIQUE (user_id, key));
            """).ExecuteNonQuery();
        var seed = Command("INSERT INTO credits VALUES ($user, 1000000, 1)");
        seed.Parameters.AddWithValue("$user", user);
        seed.ExecuteNonQuery();

        _begin = Command("BEGIN IMMEDIATE");
        _update = Command("UPDATE credits SET credits = credits - 1, version = version + 1 WHERE user_id = $user");
        _update.Parameters.AddWithValue("$user", user);
        _insert = Command("INSERT INTO ledger (user_id, amount, key) VALUES ($user, -1, $key)");
        _insert.Parameters.AddWithValue("$user", user);
        _insert.Parameters.AddWithValue("$key", string.Empty);
        _commit = Command("COMMIT");
    }

    public void Consume(string key)
    {
        _begin.ExecuteNonQuery();
        _update.ExecuteNonQuery();
        _insert.Parameters[1].Value = key;
        _insert.ExecuteNonQuery();
        _commit.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
