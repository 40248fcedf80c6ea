using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Writes the table <c>active_users</c>.</summary>
internal static class ActiveUserTable
{
    /// <summary>Records that a user was active, if the user has an account and was not active later.</summary>
    /// <param name="connection">The writer connection.</param>
    /// <param name="user">The user.</param>
    /// <param name="at">The time of the activity, as stored in the database.</param>
    public static void Record(StoreConnection connection, UserId user, long at) =>
        connection.Execute(
            """
            insert into active_users (user_id, last_at)
            select user_id, $at from user_credits where user_id = $user
            on conflict (user_id) do update set last_at = max(last_at, excluded.last_at)
            """,
            ("$user", user.Value),
            ("$at", at));
}
