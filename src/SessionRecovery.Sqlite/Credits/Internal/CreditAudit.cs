using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>The invariants of the books as queries; each counts the accounts or reservations that break it.</summary>
internal static class CreditAudit
{
    private static readonly (string Fault, string Count)[] Checks =
    [
        ("credits differ from the sum of the ledger", """
            SELECT count(*) FROM user_credits u
            WHERE u.credits <> (SELECT coalesce(sum(l.amount), 0) FROM credit_ledger l WHERE l.user_id = u.user_id)
            """),
        ("held credits differ from the sum of the open holds", """
            SELECT count(*) FROM user_credits u
            WHERE u.held <> (SELECT coalesce(sum(r.amount), 0) FROM credit_reservations r WHERE r.user_id = u.user_id AND r.state = 'held')
            """),
        ("held credits differ from the sum of the ledger", """
            SELECT count(*) FROM user_credits u
            WHERE u.held <> (SELECT coalesce(sum(l.held_delta), 0) FROM credit_ledger l WHERE l.user_id = u.user_id)
            """),
        ("less than nothing is available", """
            SELECT count(*) FROM user_credits WHERE held < 0 OR credits - held < 0
            """),
        ("the versions of the ledger have a gap or end elsewhere than the account", """
            SELECT count(*) FROM user_credits u
            JOIN (SELECT user_id, count(*) AS rows, min(version) AS first, max(version) AS last FROM credit_ledger GROUP BY user_id) l USING (user_id)
            WHERE l.first <> 1 OR l.last <> l.rows OR l.last <> u.version
            """),
        ("an account and its ledger are not both there", """
            SELECT (SELECT count(*) FROM user_credits u WHERE NOT EXISTS (SELECT 1 FROM credit_ledger l WHERE l.user_id = u.user_id))
                 + (SELECT count(DISTINCT l.user_id) FROM credit_ledger l WHERE NOT EXISTS (SELECT 1 FROM user_credits u WHERE u.user_id = l.user_id))
            """),
        ("a ledger row's balance does not follow from the row before", """
            SELECT count(DISTINCT user_id) FROM (
                SELECT user_id, balance_after - amount AS before, lag(balance_after, 1, 0) OVER (PARTITION BY user_id ORDER BY version) AS expected
                FROM credit_ledger)
            WHERE before <> expected
            """),
        ("a hold has another number of ending rows than one, or none while it is open", """
            SELECT count(*) FROM credit_ledger h
            LEFT JOIN credit_reservations r ON r.id = h.reservation_id
            WHERE h.kind = 'hold' AND (SELECT count(*) FROM credit_ledger e WHERE e.refers_to = h.id AND e.held_delta < 0 AND e.held_delta = -h.held_delta)
                <> CASE WHEN r.state = 'held' AND r.hold_entry = h.id THEN 0 ELSE 1 END
            """),
        ("a ledger row ends a hold that there is not", """
            SELECT count(*) FROM credit_ledger e
            WHERE e.held_delta < 0 AND NOT EXISTS (SELECT 1 FROM credit_ledger h WHERE h.id = e.refers_to AND h.kind = 'hold' AND h.reservation_id = e.reservation_id)
            """),
        ("a reservation has another hold than its ledger row says", """
            SELECT count(*) FROM credit_reservations r
            WHERE NOT EXISTS (SELECT 1 FROM credit_ledger h WHERE h.id = r.hold_entry AND h.kind = 'hold' AND h.reservation_id = r.id AND h.held_delta = r.amount AND h.user_id = r.user_id)
            """),
        ("a captured reservation has another number of capture rows than one, or another amount", """
            SELECT count(*) FROM credit_reservations r
            WHERE (SELECT count(*) FROM credit_ledger c WHERE c.reservation_id = r.id AND c.kind = 'capture')
                    <> CASE r.state WHEN 'captured' THEN 1 ELSE 0 END
               OR r.captured <> (SELECT coalesce(-sum(c.amount), 0) FROM credit_ledger c WHERE c.reservation_id = r.id AND c.kind = 'capture')
            """),
        ("the next expiry of a hold is not the earliest one", """
            SELECT count(*) FROM user_credits u
            WHERE u.next_hold_expiry IS NOT (SELECT min(r.expires_at) FROM credit_reservations r WHERE r.user_id = u.user_id AND r.state = 'held')
            """),
    ];

    public static IReadOnlyList<string> Run(StoreConnection connection)
    {
        var faults = new List<string>();
        foreach (var (fault, sql) in Checks)
        {
            if (connection.Scalar(sql) is long count and > 0)
            {
                faults.Add($"In {count} place(s) {fault}.");
            }
        }

        return faults;
    }
}
