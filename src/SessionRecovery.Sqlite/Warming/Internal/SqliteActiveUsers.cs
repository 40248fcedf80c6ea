using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Warming.Internal;

/// <summary>Finds the most recently active users in the activity log. The same SQL statement reads the balances of these users.</summary>
internal sealed class SqliteActiveUsers(SqliteDatabase database, SqliteCreditStore store, TimeProvider time) : IActiveUserSource
{
    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var now = time.GetUtcNow();
            var users = database.Read(connection => Walk(connection, limit, since, cancellationToken));
            var due = users.Where(entry => entry.Account.HasDueReservation(now)).Select(entry => entry.User).ToList();
            if (due.Count == 0)
            {
                return users.ConvertAll(
                    entry => new ActiveUser { User = entry.User, Balance = entry.Account.ToBalance(now, database.Incarnation) });
            }

            await store.ExpireDueReservationsAsync(due, cancellationToken).ConfigureAwait(false);
        }
    }

    private static List<(UserId User, Account Account)> Walk(
        StoreConnection connection, int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        using var rows = connection.Query(
            """
            select l.user_id, u.credits, u.held, u.version, u.next_hold_expiry
            from usage_logs l join user_credits u on u.user_id = l.user_id
            where l.created_at >= $since
            order by l.created_at desc, l.user_id desc
            """,
            ("$since", since.ToStore()));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var users = new List<(UserId, Account)>();
        while (users.Count < limit && rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var user = rows.GetString(0);
            if (seen.Add(user))
            {
                users.Add((UserId.Create(user), new Account(rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.IsDBNull(4)
                    ? null
                    : rows.GetInt64(4))));
            }
        }

        return users;
    }
}
