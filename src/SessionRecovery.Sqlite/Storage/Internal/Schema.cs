using System.Globalization;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Creates the database schema, checks the version of the schema, and upgrades a schema of an earlier version.</summary>
internal static class Schema
{
    /// <summary>The <c>application_id</c> that identifies a database of this store. The value is "SREC" in ASCII.</summary>
    public const long ApplicationId = 0x53524543;

    public const long Version = 4;

    // In version 1 each reservation had a price, and its user had an account. The triggers of user_credits contain the name of the table
    // credit_reservations. With legacy_alter_table on, SQLite does not change the name in the triggers when the table is renamed.
    private const string RenameReservations =
        """
        drop index if exists credit_reservations_held;
        drop index if exists credit_reservations_running;
        drop index if exists credit_reservations_bodies;
        drop index if exists credit_reservations_due;
        pragma legacy_alter_table = on;
        alter table credit_reservations rename to credit_reservations_1;
        pragma legacy_alter_table = off
        """;

    private const string CopyReservations =
        """
        insert into credit_reservations (
            id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, captured, state, expires_at, hold_entry,
            response_status, response_content_type, response_location, response_headers, response_body, created_at, closed_at)
        select
            id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, captured, state, expires_at, hold_entry,
            response_status, response_content_type, response_location, response_headers, response_body, created_at, closed_at
        from credit_reservations_1 order by rowid;
        drop table credit_reservations_1
        """;

    // Before version 4, usage_logs was a table with one row per charge and per account that was initialized for a signed-in user. A row of
    // another program is kept in the table usage_logs_of_others. The table is not renamed, because a rename changes the views and triggers
    // of other programs.
    private const string KeepRowsOfOthers =
        """
        create table usage_logs_of_others as
        select * from usage_logs
        where not exists (select 1 from credit_ledger l where l.id = usage_logs.ledger_id and l.user_id = usage_logs.user_id)
        """;

    private const string DropUsageLogs =
        """
        insert into active_users (user_id, last_at)
        select user_id, max(created_at) from usage_logs where action = 'init' group by user_id
        on conflict (user_id) do update set last_at = max(last_at, excluded.last_at);
        drop table usage_logs
        """;

    /// <summary>Checks that the database is either empty or was created by this store.</summary>
    /// <returns><see langword="true"/> if the database has the tables; <see langword="false"/> if it is empty.</returns>
    public static bool Exists(StoreConnection connection, string path)
    {
        var application = (long)connection.Scalar("pragma application_id")!;
        var version = (long)connection.Scalar("pragma user_version")!;
        if (application == ApplicationId)
        {
            return version <= Version
                ? true
                : throw new InvalidOperationException(
                    $"The credit database '{path}' has schema version {version}, newer than version {Version}, the latest that this "
                    + "release supports; start the newer release, or restore the backup made before it.");
        }

        return application == 0 && connection.Scalar("select 1 from sqlite_schema limit 1") is null
            ? false
            : throw new InvalidOperationException(
                $"The database '{path}' belongs to another program; give the credits a file of their own.");
    }

    public static void Create(StoreConnection connection, long initialAmount, DateTimeOffset now)
    {
        connection.Run(Script());
        connection.Execute(
            "insert into settings (id, incarnation, initial_amount, created_at) values (1, $incarnation, $initial, $now)",
            ("$incarnation", Guid.NewGuid().ToString("N")),
            ("$initial", initialAmount),
            ("$now", now.ToStore()));
        connection.Run(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
        SetVersion(connection);
    }

    /// <summary>
    /// Upgrades a database of an earlier version and keeps the rows of the database. The caller must have started a transaction, and no
    /// other process may use the database.
    /// </summary>
    /// <returns>The version before the upgrade.</returns>
    public static long Upgrade(StoreConnection connection)
    {
        var version = (long)connection.Scalar("pragma user_version")!;
        if (version < Version)
        {
            // Version 3 only added an index, which the script creates.
            if (version == 1)
            {
                connection.Run(RenameReservations);
            }

            connection.Run(Script());
            if (version == 1)
            {
                connection.Run(CopyReservations);
            }

            ReplaceUsageLogs(connection);
            SetVersion(connection);
        }

        return version;
    }

    // The script creates the view usage_logs only if no table has this name, so it runs again after the table was dropped.
    private static void ReplaceUsageLogs(StoreConnection connection)
    {
        var hasOthers = connection.Scalar(
            """
            select 1 from usage_logs
            where not exists (select 1 from credit_ledger l where l.id = usage_logs.ledger_id and l.user_id = usage_logs.user_id)
            limit 1
            """) is not null;
        if (hasOthers)
        {
            connection.Run(KeepRowsOfOthers);
        }

        connection.Run(DropUsageLogs);
        connection.Run(Script());
    }

    private static void SetVersion(StoreConnection connection) =>
        connection.Run(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {Version}"));

    private static string Script()
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
