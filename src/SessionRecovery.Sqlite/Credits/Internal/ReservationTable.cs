using System.Globalization;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Runs the SQL statements on the table <c>credit_reservations</c> for one user within one transaction.</summary>
internal sealed class ReservationTable(StoreConnection connection, UserId user, DateTimeOffset now)
{
    private const string Select =
        "select id, idempotency_key, fingerprint, attempt, lease_owner, amount, state, expires_at, hold_entry, captured "
            + "from credit_reservations ";

    private const string HasOldResponse =
        "(response_body is not null or response_headers is not null or amount = 0 and response_location is not null) "
            + "and closed_at <= $limit ";

    private static readonly TimeSpan ResponseLifetime = TimeSpan.FromHours(24);

    // The key of a reservation without ledger entries is stored only in the row of the reservation.
    private static readonly TimeSpan KeyLifetimeWithoutPrice = TimeSpan.FromDays(7);

    public ReservationRow? Find(IdempotencyKey key) =>
        List(Select + "where user_id = $user and idempotency_key = $key", ("$user", user.Value), ("$key", key.Value)).SingleOrDefault();

    /// <summary>Finds a reservation of the user by its id. Returns <see langword="null"/> for a reservation of another user.</summary>
    public ReservationRow? Find(Guid reservation) =>
        List(Select + "where id = $id and user_id = $user", ("$id", Format(reservation)), ("$user", user.Value)).SingleOrDefault();

    public List<ReservationRow> Due() =>
        List(
            Select + "where user_id = $user and state = 'held' and expires_at <= $now order by expires_at, id",
            ("$user", user.Value),
            ("$now", now.ToStore()));

    public List<ReservationRow> WithLeaseOwner() =>
        List(Select + "where user_id = $user and state = 'held' and lease_owner is not null order by expires_at, "
            + "id", ("$user", user.Value));

    public long? NextExpiry() =>
        (long?)connection.Scalar("select min(expires_at) from credit_reservations where user_id = $user and state = "
            + "'held'", ("$user", user.Value));

    public void Insert(ReservationRow reservation)
    {
        connection.Execute(
            """
            insert into credit_reservations (
                id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, state, expires_at, hold_entry, created_at)
            values ($id, $user, $key, $fingerprint, $attempt, $owner, $amount, $state, $expires, $entry, $now)
            """,
            ("$id", reservation.Id),
            ("$user", user.Value),
            ("$key", reservation.Key),
            ("$fingerprint", reservation.Fingerprint),
            ("$attempt", reservation.Attempt),
            ("$owner", reservation.LeaseOwner),
            ("$amount", reservation.Amount),
            ("$state", reservation.State),
            ("$expires", reservation.ExpiresAt),
            ("$entry", reservation.Entry),
            ("$now", now.ToStore()));

        // Each insert deletes up to four old rows without ledger entries. The number of these rows therefore stays bounded.
        if (reservation.Amount == 0)
        {
            var old = ListIds(
                "select id from credit_reservations where hold_entry is null and coalesce(closed_at, expires_at) <= $limit "
                    + "order by coalesce(closed_at, expires_at) limit 4",
                now - KeyLifetimeWithoutPrice);
            foreach (var id in old)
            {
                connection.Execute("delete from credit_reservations where id = $id", ("$id", id));
            }
        }
    }

    public void Update(ReservationRow reservation) =>
        connection.Execute(
            """
            update credit_reservations
            set attempt = $attempt, lease_owner = $owner, amount = $amount, state = $state, expires_at = $expires, hold_entry = $entry,
                closed_at = $closed
            where id = $id
            """,
            ("$attempt", reservation.Attempt),
            ("$owner", reservation.LeaseOwner),
            ("$amount", reservation.Amount),
            ("$state", reservation.State),
            ("$expires", reservation.ExpiresAt),
            ("$entry", reservation.Entry),
            ("$closed", reservation.IsOpen ? null : now.ToStore()),
            ("$id", reservation.Id));

    public void Capture(ReservationRow reservation, long amount, StoredResponse? response)
    {
        connection.Execute(
            """
            update credit_reservations
            set state = 'captured', captured = $captured, closed_at = $now, response_status = $status,
                response_content_type = $type, response_location = $location, response_headers = $headers, response_body = $body
            where id = $id
            """,
            ("$captured", amount),
            ("$now", now.ToStore()),
            ("$status", response?.StatusCode),
            ("$type", response?.ContentType),
            ("$location", response?.Location),
            ("$headers", StoredHeaders.Serialize(response?.Headers)),
            ("$body", response?.Body?.ToArray()),
            ("$id", reservation.Id));

        // Each capture stores at most one response and clears up to four old responses, so that the number of stored responses stays
        // bounded.
        var old = ListIds(
            "select id from credit_reservations where " + HasOldResponse + "order by closed_at limit 4", now - ResponseLifetime);
        foreach (var id in old)
        {
            ClearOldResponse(id);
        }
    }

    /// <summary>
    /// Returns the stored response of a captured reservation. One day after the capture, the body and the headers of the response are
    /// cleared. The <c>Location</c> header is also cleared if the reservation has no price. The <c>Location</c> header of a paid result is
    /// kept, because the client may still need it.
    /// </summary>
    public StoredResponse? Response(ReservationRow reservation)
    {
        ClearOldResponse(reservation.Id);
        using var row = connection.Query(
            """
            select response_status, response_content_type, response_location, response_headers, response_body
            from credit_reservations where id = $id
            """,
            ("$id", reservation.Id));
        if (!row.Read() || row.IsDBNull(0))
        {
            return null;
        }

        var body = row.IsDBNull(4) ? null : row.GetBytes(4);
        return new StoredResponse(row.GetInt32(0), Text(row, 1), Text(row, 2), body) { Headers = StoredHeaders.Deserialize(Text(row, 3)) };
    }

    public static string Format(Guid id) => id.ToString("D", CultureInfo.InvariantCulture);

    private void ClearOldResponse(string id) =>
        connection.Execute(
            "update credit_reservations set response_body = null, response_headers = null, "
                + "response_location = case amount when 0 then null else response_location end where id = $id and " + HasOldResponse,
            ("$id", id),
            ("$limit", (now - ResponseLifetime).ToStore()));

    // The rows are listed before they are changed, because a statement that changes rows takes longer than a query if there is no such row.
    private List<string> ListIds(string sql, DateTimeOffset limit)
    {
        using var rows = connection.Query(sql, ("$limit", limit.ToStore()));
        var ids = new List<string>();
        while (rows.Read())
        {
            ids.Add(rows.GetString(0));
        }

        return ids;
    }

    private List<ReservationRow> List(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var rows = connection.Query(sql, values);
        var reservations = new List<ReservationRow>();
        while (rows.Read())
        {
            var (state, expiresAt) = (rows.GetString(6), rows.GetInt64(7));
            reservations.Add(new ReservationRow(
                rows.GetString(0),
                rows.GetString(1),
                Text(rows, 2),
                rows.GetInt32(3),
                Text(rows, 4),
                rows.GetInt64(5),

                // The expiry of a reservation without a price adds no ledger entry, because it changes no credits.
                state == ReservationRow.Running && expiresAt <= now.ToStore() ? ReservationRow.Expired : state,
                expiresAt,
                rows.IsDBNull(8) ? null : rows.GetInt64(8),
                rows.GetInt64(9)));
        }

        return reservations;
    }

    private static string? Text(StoreRows row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
