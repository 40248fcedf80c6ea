using System.Data;
using System.Data.Common;

namespace RestartDrill.Ledgers;

/// <summary>Represents the content of the server's database, with which the records of the users are compared.</summary>
/// <param name="Accounts">The available and held credits of each user.</param>
/// <param name="Captures">The number of captures for each key of a user.</param>
internal sealed record StoredLedger(
    IReadOnlyDictionary<string, (long Credits, long Held)> Accounts,
    IReadOnlyDictionary<(string User, string Key), long> Captures)
{
    /// <summary>The prefix of keys from a request header in the ledger.</summary>
    private const string KeyNamespace = "http:";

    private static readonly (string Fault, string Count)[] Rules =
    [
        ("credits differ from the sum of the ledger",
            "select count(*) from user_credits u left join (select user_id, sum(amount) as credits from credit_ledger group by user_id) l "
                + "on l.user_id = u.user_id where l.user_id is null or u.credits <> l.credits"),
        ("held credits differ from the sum of the ledger",
            "select count(*) from user_credits u left join (select user_id, sum(held_delta) as held from credit_ledger group by user_id) l "
                + "on l.user_id = u.user_id where l.user_id is null or u.held <> l.held"),
        ("the versions of an account have a gap",
            "select count(*) from user_credits u left join (select user_id, count(*) as entries, max(version) as last from credit_ledger "
                + "group by user_id) l on l.user_id = u.user_id where l.user_id is null or u.version <> l.entries or u.version <> l.last"),
        ("a hold that is over has another number of endings than one",
            "select count(*) from credit_ledger h join credit_reservations r on r.id = h.reservation_id where h.kind = 'hold' "
                + "and (r.state <> 'held' or r.hold_entry <> h.id) and (select count(*) from credit_ledger e where e.refers_to = "
                + "h.id and e.held_delta < 0) <> 1"),
    ];

    public long GetCaptures(string user, Payment payment) =>
        payment.Keys.Sum(key => Captures.GetValueOrDefault((user, KeyNamespace + key)));

    /// <summary>Reads accounts and captures in one snapshot.</summary>
    public static async Task<StoredLedger> ReadAsync(DbConnection connection, CancellationToken stop)
    {
        var accounts = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        var captures = new Dictionary<(string, string), long>();
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.Serializable, stop);
        await using (var rows =
            await QueryAsync(connection, snapshot, "select cast(user_id as text), credits, held from user_credits", stop))
        {
            while (await rows.ReadAsync(stop))
            {
                accounts.Add(rows.GetString(0), (rows.GetInt64(1), rows.GetInt64(2)));
            }
        }

        await using (var rows =
            await QueryAsync(connection, snapshot,
                "select cast(user_id as text), idempotency_key, count(*) from credit_ledger where kind = 'capture' group by "
                    + "user_id, idempotency_key", stop))
        {
            while (await rows.ReadAsync(stop))
            {
                captures.Add((rows.GetString(0), rows.GetString(1)), rows.GetInt64(2));
            }
        }

        return new StoredLedger(accounts, captures);
    }

    /// <summary>Checks the consistency of the ledger with rules that are independent of the product.</summary>
    /// <returns>One sentence for each fault.</returns>
    public static async Task<IReadOnlyList<string>> AuditAsync(DbConnection connection, CancellationToken stop)
    {
        var faults = new List<string>();
        foreach (var (fault, sql) in Rules)
        {
            await using var rows = await QueryAsync(connection, transaction: null, sql, stop);
            if (await rows.ReadAsync(stop) && rows.GetInt64(0) is > 0 and var count)
            {
                faults.Add($"In {count} place(s) {fault}.");
            }
        }

        return faults;
    }

    private static async Task<DbDataReader> QueryAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken stop)
    {
        // The command is not disposed here, because on SQLite the disposal of a command closes its reader.
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = transaction;
        return await command.ExecuteReaderAsync(stop);
    }
}
