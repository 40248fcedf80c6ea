using Microsoft.Data.Sqlite;

namespace RestartDrill.Books;

/// <summary>The server's database, read by the drill itself: the truth that the books are compared with.</summary>
/// <param name="Accounts">Credits and held credits of each user.</param>
/// <param name="Captures">How often each of a user's keys was paid.</param>
internal sealed record StoredBooks(
    IReadOnlyDictionary<string, (long Credits, long Held)> Accounts,
    IReadOnlyDictionary<(string User, string Key), long> Captures)
{
    /// <summary>How the ledger spells a key that came in a request header.</summary>
    private const string KeyNamespace = "http:";

    private static readonly (string Fault, string Count)[] Rules =
    [
        ("credits differ from the sum of the ledger",
            "SELECT count(*) FROM user_credits u WHERE u.credits <> (SELECT sum(l.amount) FROM credit_ledger l WHERE l.user_id = u.user_id)"),
        ("held credits differ from the sum of the ledger",
            "SELECT count(*) FROM user_credits u WHERE u.held <> (SELECT sum(l.held_delta) FROM credit_ledger l WHERE l.user_id = u.user_id)"),
        ("the versions of an account have a gap",
            "SELECT count(*) FROM user_credits u WHERE u.version <> (SELECT count(*) FROM credit_ledger l WHERE l.user_id = u.user_id) OR u.version <> (SELECT max(l.version) FROM credit_ledger l WHERE l.user_id = u.user_id)"),
        ("a hold that is over has another number of endings than one",
            "SELECT count(*) FROM credit_ledger h JOIN credit_reservations r ON r.id = h.reservation_id WHERE h.kind = 'hold' AND (r.state <> 'held' OR r.hold_entry <> h.id) AND (SELECT count(*) FROM credit_ledger e WHERE e.refers_to = h.id AND e.held_delta < 0) <> 1"),
    ];

    public long CapturesOf(string user, Payment payment) => payment.Keys.Sum(key => Captures.GetValueOrDefault((user, KeyNamespace + key)));

    public static StoredBooks Read(string path)
    {
        using var connection = Open(path);
        var accounts = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        var captures = new Dictionary<(string, string), long>();
        using var snapshot = connection.BeginTransaction(deferred: true);
        using (var rows = Query(connection, "SELECT user_id, credits, held FROM user_credits"))
        {
            while (rows.Read())
            {
                accounts.Add(rows.GetString(0), (rows.GetInt64(1), rows.GetInt64(2)));
            }
        }

        using (var rows = Query(connection, "SELECT user_id, idempotency_key, count(*) FROM credit_ledger WHERE kind = 'capture' GROUP BY user_id, idempotency_key"))
        {
            while (rows.Read())
            {
                captures.Add((rows.GetString(0), rows.GetString(1)), rows.GetInt64(2));
            }
        }

        return new StoredBooks(accounts, captures);
    }

    /// <summary>Checks the database within itself.</summary>
    /// <returns>One sentence for each fault.</returns>
    public static IReadOnlyList<string> Audit(string path)
    {
        using var connection = Open(path);
        var faults = new List<string>();
        using (var rows = Query(connection, "PRAGMA integrity_check"))
        {
            while (rows.Read())
            {
                if (rows.GetString(0) is not "ok" and var fault)
                {
                    faults.Add(fault);
                }
            }
        }

        foreach (var (fault, sql) in Rules)
        {
            using var rows = Query(connection, sql);
            if (rows.Read() && rows.GetInt64(0) is > 0 and var count)
            {
                faults.Add($"In {count} place(s) {fault}.");
            }
        }

        return faults;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static SqliteDataReader Query(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteReader();
    }
}
