using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Reads the credit history of a user. The query uses the index of versions, so the time to read a page does not depend on the number of
/// entries of the user.
/// </summary>
internal static class CreditHistory
{
    // Only ledger entries that change the credits contain a key. The other entries of a reservation get the key from the row of the
    // reservation.
    private const string Page =
        """
        select l.id, l.version, l.kind, l.amount, l.held_delta, l.balance_after, l.created_at,
            coalesce(l.idempotency_key, r.idempotency_key), l.reservation_id, l.refers_to, l.actor, l.reason
        from credit_ledger l left join credit_reservations r on r.id = l.reservation_id
        where l.user_id = $user and l.version < $before
        order by l.version desc limit $limit
        """;

    public static CreditHistoryPage Read(StoreConnection connection, UserId user, long? before, int limit)
    {
        var entries = new List<CreditHistoryEntry>();
        using var row = connection.Query(Page, ("$user", user.Value), ("$before", before ?? long.MaxValue), ("$limit", limit));
        while (row.Read())
        {
            entries.Add(new CreditHistoryEntry
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
            });
        }

        return new CreditHistoryPage
        {
            Entries = entries,
            NextBefore = entries.Count == limit && entries[^1].Version > 1 ? entries[^1].Version : null,
        };
    }
}
