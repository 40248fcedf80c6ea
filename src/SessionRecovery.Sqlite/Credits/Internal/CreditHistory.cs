using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Reads the credit history of a user. Each ledger entry refers to the previous entry of the user. An index of every 64th version finds the
/// first entry of a page, so the time to read a page does not depend on the number of entries of the user.
/// </summary>
internal static class CreditHistory
{
    // Only ledger entries that change the credits contain a key. The other entries of a reservation get the key from the row of the
    // reservation.
    private const string Entry =
        """
        select l.id, l.version, l.kind, l.amount, l.held_delta, l.balance_after, l.created_at,
            coalesce(l.idempotency_key, r.idempotency_key), l.reservation_id, l.refers_to, l.actor, l.reason, l.previous
        from credit_ledger l left join credit_reservations r on r.id = l.reservation_id
        where l.id = $id and l.user_id = $user
        """;

    // The condition on the remainder must be the condition of the index.
    private const string IndexedEntry =
        """
        select id from credit_ledger
        where user_id = $user and version % 64 = 0 and version >= $before
        order by version limit 1
        """;

    public static CreditHistoryPage Read(StoreConnection connection, UserId user, long? before, int limit)
    {
        var entries = new List<CreditHistoryEntry>();
        var id = FindStart(connection, user, before);
        while (id is not null && entries.Count < limit)
        {
            using var row = connection.Query(Entry, ("$id", id), ("$user", user.Value));
            if (!row.Read())
            {
                break;
            }

            if (before is null || row.GetInt64(1) < before)
            {
                entries.Add(ReadEntry(row));
            }

            id = row.IsDBNull(12) ? null : row.GetInt64(12);
        }

        return new CreditHistoryPage
        {
            Entries = entries,
            NextBefore = entries.Count == limit && entries[^1].Version > 1 ? entries[^1].Version : null,
        };
    }

    private static long? FindStart(StoreConnection connection, UserId user, long? before) =>
        (before is null ? null : (long?)connection.Scalar(IndexedEntry, ("$user", user.Value), ("$before", before)))
            ?? Account.Find(connection, user)?.LastEntry;

    private static CreditHistoryEntry ReadEntry(StoreRows row) => new()
    {
        Id = row.GetInt64(0),
        Version = row.GetInt64(1),
        Kind = EntryKinds.Parse(row.GetString(2)),
        Amount = row.GetInt64(3),
        HeldDelta = row.GetInt64(4),
        Balance = row.GetInt64(5),
        CreatedAt = StoreTime.FromStore(row.GetInt64(6)),
        Key = row.IsDBNull(7) ? null : IdempotencyKey.FromStore(row.GetString(7)),
        ReservationId = row.IsDBNull(8) ? null : Guid.Parse(row.GetString(8)),
        RefersTo = row.IsDBNull(9) ? null : row.GetInt64(9),
        Actor = row.IsDBNull(10) ? null : row.GetString(10),
        Reason = row.IsDBNull(11) ? null : row.GetString(11),
    };
}
