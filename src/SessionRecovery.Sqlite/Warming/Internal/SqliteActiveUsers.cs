using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Warming.Internal;

/// <summary>
/// Finds the most recently active users in the tables <c>usage_logs</c> and <c>active_users</c>. The same SQL statement reads the balances
/// of these users.
/// </summary>
internal sealed class SqliteActiveUsers(SqliteDatabase database, SqliteCreditStore store, TimeProvider time) : IActiveUserStore
{
    // The rows of recorded users are kept for the longest period from which a warm-up can read active users.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var now = time.GetUtcNow();
            var users = database.Read(connection => Walk(connection, limit, since, cancellationToken));
            var due = users.FindAll(entry => entry.Account.HasDueReservation(now));
            if (due.Count == 0)
            {
                return users.ConvertAll(
                    entry => new ActiveUser { User = entry.User, Balance = entry.Account.ToBalance(now, database.Incarnation) });
            }

            await store.ExpireDueReservationsAsync(due.ConvertAll(static entry => entry.User), cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);
        await database.WriteAsync(connection => Record(connection, users, time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    private static int Record(StoreConnection connection, IReadOnlyList<UserId> users, DateTimeOffset now)
    {
        for (var index = 0; index < users.Count; index++)
        {
            // The time of each user is one unit earlier than the time of the previous user, which preserves the order of the users.
            connection.Execute(
                """
                insert into active_users (user_id, last_at)
                select user_id, $at from user_credits where user_id = $user
                on conflict (user_id) do update set last_at = max(last_at, excluded.last_at)
                """,
                ("$user", users[index].Value),
                ("$at", now.ToStore() - index));
        }

        return connection.Execute("delete from active_users where last_at < $limit", ("$limit", (now - KeptFor).ToStore()));
    }

    private static List<StoredUser> Walk(
        StoreConnection connection, int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        // For each of the two SELECT statements, an index has the order of the result. SQLite therefore merges their rows one by one, and
        // stops when it has found enough users.
        using var rows = connection.Query(
            """
            select l.user_id, u.credits, u.held, u.version, u.next_hold_expiry, l.created_at
            from usage_logs l join user_credits u on u.user_id = l.user_id
            where l.created_at >= $since
            union all
            select a.user_id, u.credits, u.held, u.version, u.next_hold_expiry, a.last_at
            from active_users a join user_credits u on u.user_id = a.user_id
            where a.last_at >= $since
            order by 6 desc, 1 desc
            """,
            ("$since", since.ToStore()));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var users = new List<StoredUser>();
        while (users.Count < limit && rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var user = rows.GetString(0);
            if (seen.Add(user))
            {
                users.Add(new StoredUser(UserId.Create(user), new Account(
                    rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.IsDBNull(4) ? null : rows.GetInt64(4))));
            }
        }

        return users;
    }

    private sealed record StoredUser(UserId User, Account Account);
}
