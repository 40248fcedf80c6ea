using Microsoft.Data.Sqlite;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Performs the minimal work of a durable debit with an idempotency key. The class uses prepared statements without checks or services.
/// </summary>
internal sealed class BareLedger : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _commit;

    public BareLedger(string path, IReadOnlyList<string> users)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Command(
            """
            pragma journal_mode = wal;
            pragma synchronous = full;
            create table credits (user_id text not null primary key, credits integer not null, version integer not null) without rowid;
            create table ledger (id integer primary key, user_id text not null, amount integer not null, key text not null, unique
                (user_id, key));
            """).ExecuteNonQuery();
        var seed = Command("insert into credits values ($user, 1000000, 1)");
        seed.Parameters.AddWithValue("$user", string.Empty);
        foreach (var user in users)
        {
            seed.Parameters[0].Value = user;
            seed.ExecuteNonQuery();
        }

        _begin = Command("begin immediate");
        _update = Command("update credits set credits = credits - 1, version = version + 1 where user_id = $user");
        _update.Parameters.AddWithValue("$user", string.Empty);
        _insert = Command("insert into ledger (user_id, amount, key) values ($user, -1, $key)");
        _insert.Parameters.AddWithValue("$user", string.Empty);
        _insert.Parameters.AddWithValue("$key", string.Empty);
        _commit = Command("commit");
    }

    /// <summary>Charges one credit to each of the users in one transaction.</summary>
    public void Consume(params ReadOnlySpan<string> users)
    {
        _begin.ExecuteNonQuery();
        foreach (var user in users)
        {
            _update.Parameters[0].Value = user;
            _update.ExecuteNonQuery();
            _insert.Parameters[0].Value = user;
            _insert.Parameters[1].Value = Guid.NewGuid().ToString();
            _insert.ExecuteNonQuery();
        }

        _commit.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
