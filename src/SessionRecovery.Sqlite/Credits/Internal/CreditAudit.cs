using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Checks that the accounts, the ledger and the reservations agree with each other. Each rule is a query that returns the user of each
/// violation.
/// </summary>
internal static class CreditAudit
{
    private static readonly (string Fault, string Violations)[] Rules =
    [
        ("Credits differ from the sum of the ledger", """
            select u.user_id from user_credits u
            left join (select user_id, sum(amount) as credits from credit_ledger group by user_id) l using (user_id)
            where u.credits <> coalesce(l.credits, 0)
            """),
        ("Held credits differ from the sum of the open reservations", """
            select u.user_id from user_credits u
            where u.held <> (select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = u.user_id and r.state = 'held')
            """),
        ("Held credits differ from the sum of the ledger", """
            select u.user_id from user_credits u
            left join (select user_id, sum(held_delta) as held from credit_ledger group by user_id) l using (user_id)
            where u.held <> coalesce(l.held, 0)
            """),
        ("Held or available credits are negative", """
            select user_id from user_credits where held < 0 or credits - held < 0
            """),
        ("The versions of the ledger have a gap or do not end at the version of the account", """
            select u.user_id from user_credits u
            join (
                select user_id, count(*) as entries, min(version) as first, max(version) as last
                from credit_ledger group by user_id) l using (user_id)
            where l.first <> 1 or l.last <> l.entries or l.last <> u.version
            """),
        ("An account or its ledger is missing", """
            select user_id from user_credits where user_id not in (select user_id from credit_ledger)
            union all
            select distinct user_id from credit_ledger where user_id not in (select user_id from user_credits)
            """),
        ("The last entry of an account is not its latest ledger entry", """
            select u.user_id from user_credits u
            left join (select user_id, max(id) as last from credit_ledger group by user_id) l using (user_id)
            where u.last_entry is not l.last
            """),
        ("The last entry of an account is not found by its reservations and keys", """
            select u.user_id from user_credits u
            where u.last_entry is not (select max(l.id) from credit_ledger_last_entries l where l.user_id = u.user_id)
            """),
        ("A ledger entry does not refer to the entry before", """
            select l.user_id from credit_ledger l
            left join credit_ledger p on p.id = l.previous and p.user_id = l.user_id and p.version = l.version - 1 and p.id < l.id
            where (p.id is null) <> (l.version = 1)
            """),
        ("The balance of a ledger entry does not follow from the entry before", """
            select distinct l.user_id from credit_ledger l left join credit_ledger p on p.id = l.previous
            where l.balance_after - l.amount <> coalesce(p.balance_after, 0) or l.held_after - l.held_delta <> coalesce(p.held_after, 0)
            """),
        ("An open reservation has a closing entry, or a closed one does not have exactly one", """
            select h.user_id from credit_ledger h
            left join credit_reservations r on r.id = h.reservation_id
            where h.kind = 'hold'
                and (select count(*) from credit_ledger e
                     where e.refers_to = h.id and e.held_delta < 0 and e.held_delta = -h.held_delta)
                <> case when r.state = 'held' and r.hold_entry = h.id then 0 else 1 end
            """),
        ("A ledger entry closes a reservation that does not exist", """
            select e.user_id from credit_ledger e
            where e.held_delta < 0 and not exists (
                select 1 from credit_ledger h where h.id = e.refers_to and h.kind = 'hold' and h.reservation_id = e.reservation_id)
            """),
        ("A reservation differs from its ledger entry", """
            select r.user_id from credit_reservations r
            where r.amount > 0 and not exists (
                select 1 from credit_ledger h
                where h.id = r.hold_entry and h.kind = 'hold' and h.reservation_id = r.id and h.held_delta = r.amount
                    and h.user_id = r.user_id)
               or r.amount = 0 and r.hold_entry is not null and not exists (
                select 1 from credit_ledger h
                where h.id = r.hold_entry and h.kind = 'hold' and h.reservation_id = r.id and h.user_id = r.user_id)
            """),
        ("A captured reservation does not have exactly one capture entry of its amount", """
            select r.user_id from credit_reservations r
            where (select count(*) from credit_ledger c where c.reservation_id = r.id and c.kind = 'capture')
                    <> case when r.state = 'captured' and r.captured > 0 then 1 else 0 end
               or r.captured <> (
                    select coalesce(-sum(c.amount), 0) from credit_ledger c where c.reservation_id = r.id and c.kind = 'capture')
            """),
        ("A capture does not have the key and the user of its reservation", """
            select c.user_id from credit_ledger c
            where c.kind = 'capture' and not exists (
                select 1 from credit_reservations r
                where r.id = c.reservation_id and r.user_id = c.user_id and r.idempotency_key = c.idempotency_key)
            """),
        ("A key belongs to a reservation and to an entry without a reservation", """
            select r.user_id from credit_reservations r
            join credit_ledger l on l.user_id = r.user_id and l.idempotency_key = r.idempotency_key and l.reservation_id is null
            """),
        ("An entry of a reservation has another kind, or a key although it is no capture", """
            select user_id from credit_ledger
            where reservation_id is not null
                and (kind not in ('hold', 'capture', 'release', 'expire') or idempotency_key is not null and kind <> 'capture')
            """),
        ("A capture charges nothing, or more than its hold", """
            select c.user_id from credit_ledger c
            left join credit_ledger h on h.id = c.refers_to and h.kind = 'hold' and h.reservation_id = c.reservation_id
            where c.kind = 'capture' and (c.amount >= 0 or h.id is null or -c.amount > h.held_delta)
            """),
        ("The refunds of a ledger entry exceed its amount", """
            select l.user_id from credit_ledger l
            where -l.amount < (select sum(r.amount) from credit_ledger r where r.refers_to = l.id and r.kind = 'refund')
            """),
        ("A refund does not refer to a charge of the same user", """
            select r.user_id from credit_ledger r
            where r.kind = 'refund' and not exists (
                select 1 from credit_ledger l
                where l.id = r.refers_to and l.user_id = r.user_id and l.kind in ('consume', 'capture') and l.version < r.version)
            """),
        ("A grant or a refund does not add credits, or has no key", """
            select user_id from credit_ledger
            where kind in ('grant', 'refund') and (amount <= 0 or held_delta <> 0 or idempotency_key is null)
            """),
        ("An adjustment with a key has no actor or no reason", """
            select user_id from credit_ledger
            where kind = 'adjust' and idempotency_key is not null and (actor is null or reason is null)
            """),
        ("An open reservation has no account", """
            select r.user_id from credit_reservations r
            where r.state = 'held' and not exists (select 1 from user_credits u where u.user_id = r.user_id)
            """),
        ("The next expiry of an account is not the earliest one", """
            select u.user_id from user_credits u
            where u.next_hold_expiry is not (
                select min(r.expires_at) from credit_reservations r where r.user_id = u.user_id and r.state = 'held')
            """),
    ];

    // The connection compares the texts of statements by reference, so each text is created once.
    private static readonly (string Fault, string Query)[] Checks =
        [.. Rules.Select(static rule => (rule.Fault, $"select count(*), min(user_id) from ({rule.Violations})"))];

    public static IReadOnlyList<string> Run(StoreConnection connection)
    {
        var faults = new List<string>();
        foreach (var (fault, query) in Checks)
        {
            using var row = connection.Query(query);
            if (row.Read() && row.GetInt64(0) is var count and > 0)
            {
                faults.Add($"{fault} (violations: {count}; first user: {row.GetString(1)}).");
            }
        }

        return faults;
    }
}
