using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>
/// Lists the open reservations of server code. The query uses an index of the open reservations by user and expiry. For all users, the
/// query reads and sorts all open reservations, because an index by expiry would add a page to each reservation that SQLite writes.
/// </summary>
internal static class OpenReservations
{
    private const string Columns =
        "select id, user_id, idempotency_key, attempt, amount, expires_at, lease_owner from credit_reservations ";

    private const string Condition =
        "state = 'held' and (expires_at, id) > ($expires, $id) and idempotency_key not glob 'http:*' order by expires_at, id limit $limit";

    public static IReadOnlyList<OpenCreditReservation> List(
        StoreConnection connection, UserId? user, OpenCreditReservation? after, int limit, DateTimeOffset now)
    {
        // Due reservations count as expired and are not listed, so the first page begins after all due reservations. Every id sorts before
        // the tilde.
        var isAfter = after is not null && after.ExpiresAt > now;
        var reservations = new List<OpenCreditReservation>();
        using var row = connection.Query(
            user is null ? Columns + "where " + Condition : Columns + "where user_id = $user and " + Condition,
            ("$user", user?.Value),
            ("$expires", (isAfter ? after!.ExpiresAt : now).ToStore()),
            ("$id", isAfter ? ReservationTable.Format(after!.Id) : "~"),
            ("$limit", limit));
        while (row.Read())
        {
            reservations.Add(new OpenCreditReservation
            {
                Id = Guid.ParseExact(row.GetString(0), "D"),
                User = UserId.Create(row.GetString(1)),
                Key = IdempotencyKey.FromStore(row.GetString(2)),
                Attempt = row.GetInt32(3),
                Amount = row.GetInt64(4),
                ExpiresAt = StoreTime.FromStore(row.GetInt64(5)),
                LeaseOwner = row.IsDBNull(6) ? null : Guid.ParseExact(row.GetString(6), "D"),
            });
        }

        return reservations;
    }
}
