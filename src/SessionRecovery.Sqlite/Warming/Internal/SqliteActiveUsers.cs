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

    /// <summary>
    /// Merges the charges and the recorded users, the latest first, until enough users were found. The ledger has no index of times,
    /// because the order of its entries is the order of their times unless the clock was set back.
    /// </summary>
    private static List<StoredUser> Walk(
        StoreConnection connection, int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        using var charges = connection.Query(
            "select user_id, created_at from credit_ledger where kind in ('consume', 'capture') order by id desc");
        using var recorded = connection.Query("select user_id, last_at from active_users order by last_at desc, user_id desc");
        var (charged, seenAt) = (Next(charges, since), Next(recorded, since));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var users = new List<StoredUser>();
        while (users.Count < limit && (charged ?? seenAt) is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isCharge = charged is not null && (seenAt is null || charged.At >= seenAt.At);
            var user = isCharge ? charged!.User : seenAt!.User;
            if (seen.Add(user) && Account.Find(connection, UserId.Create(user)) is { } account)
            {
                users.Add(new StoredUser(UserId.Create(user), account));
            }

            (charged, seenAt) = isCharge ? (Next(charges, since), seenAt) : (charged, Next(recorded, since));
        }

        return users;
    }

    // Returns null after the last activity that is not earlier than the given time.
    private static Activity? Next(StoreRows rows, DateTimeOffset since) =>
        rows.Read() && rows.GetInt64(1) >= since.ToStore() ? new Activity(rows.GetString(0), rows.GetInt64(1)) : null;

    private sealed record Activity(string User, long At);

    private sealed record StoredUser(UserId User, Account Account);
}
