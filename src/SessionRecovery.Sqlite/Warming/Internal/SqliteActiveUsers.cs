using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Warming.Internal;

/// <summary>
/// Finds the most recently active users in the tables <c>credit_ledger</c> and <c>active_users</c>. The balances of these users are read
/// from the same snapshot of the database.
/// </summary>
internal sealed class SqliteActiveUsers(SqliteDatabase database, SqliteCreditStore store, TimeProvider time) : IActiveUserStore
{
    // The maximum of WarmingOptions.ActiveWithin. No warm-up reads rows of recorded users that are older, so such rows are deleted.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    // A query reads at most this number of ledger entries, so that a warm-up can be canceled in between.
    private const long EntriesPerQuery = 10_000;

    public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
        int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var now = time.GetUtcNow();
            var users = database.Read(
                connection => connection.InSnapshot(snapshot => Walk(snapshot, limit, since, cancellationToken)));
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
            ActiveUserTable.Record(connection, users[index], now.ToStore() - index);
        }

        return connection.Execute("delete from active_users where last_at < $limit", ("$limit", (now - KeptFor).ToStore()));
    }

    /// <summary>Returns the users of the latest charges and the latest recorded users, ordered by time, the latest first.</summary>
    private static List<StoredUser> Walk(
        StoreConnection connection, int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var users = new StoredUsers(connection, limit);
        var recorded = ReadRecorded(connection, limit, since);
        var next = 0;
        for (var last = GetLastEntry(connection); HasEntriesSince(connection, last, since) && !users.IsFull; last -= EntriesPerQuery)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var charges = connection.Query(
                """
                select user_id, created_at from credit_ledger
                where id > $first and id <= $last and kind in ('consume', 'capture') and created_at >= $since
                order by id desc
                """,
                ("$first", last - EntriesPerQuery),
                ("$last", last),
                ("$since", since.ToStore()));
            while (!users.IsFull && charges.Read())
            {
                while (next < recorded.Count && recorded[next].At > charges.GetInt64(1))
                {
                    users.Add(recorded[next++].User);
                }

                users.Add(charges.GetString(0));
            }
        }

        foreach (var activity in recorded.Skip(next))
        {
            users.Add(activity.User);
        }

        return users.ToList();
    }

    // The table has one row per user, so more rows than the limit are never needed.
    private static List<Activity> ReadRecorded(StoreConnection connection, int limit, DateTimeOffset since)
    {
        using var rows = connection.Query(
            "select user_id, last_at from active_users where last_at >= $since order by last_at desc, user_id desc limit $limit",
            ("$since", since.ToStore()),
            ("$limit", limit));
        var recorded = new List<Activity>();
        while (rows.Read())
        {
            recorded.Add(new Activity(rows.GetString(0), rows.GetInt64(1)));
        }

        return recorded;
    }

    private static long GetLastEntry(StoreConnection connection) =>
        connection.Scalar("select max(id) from credit_ledger") is long last ? last : 0;

    // The ids of the entries are in the order of their times, unless the clock was set back. The walk ends only when the first and the last
    // entry of a range are too early, so that a single entry with an early time does not hide the entries before it.
    private static bool HasEntriesSince(StoreConnection connection, long last, DateTimeOffset since) =>
        last > 0 && connection.Scalar(
            """
            select max(created_at) from (
                select created_at from (select created_at from credit_ledger where id <= $last order by id desc limit 1)
                union all
                select created_at from (select created_at from credit_ledger where id > $first order by id limit 1))
            """,
            ("$last", last),
            ("$first", last - EntriesPerQuery)) is long latest && latest >= since.ToStore();

    private sealed record Activity(string User, long At);

    private sealed record StoredUser(UserId User, Account Account);

    /// <summary>Collects distinct users with an account, up to a limit.</summary>
    private sealed class StoredUsers(StoreConnection connection, int limit)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly List<StoredUser> _users = [];

        public bool IsFull => _users.Count >= limit;

        public void Add(string user)
        {
            if (!IsFull && _seen.Add(user) && Account.Find(connection, UserId.Create(user)) is { } account)
            {
                _users.Add(new StoredUser(UserId.Create(user), account));
            }
        }

        public List<StoredUser> ToList() => _users;
    }
}
