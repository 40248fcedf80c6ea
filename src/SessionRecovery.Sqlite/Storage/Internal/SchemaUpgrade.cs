namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>
/// Upgrades a schema of an earlier version. The upgrade keeps the rows of the store, and the indexes, triggers, views and tables of other
/// programs.
/// </summary>
internal static class SchemaUpgrade
{
    // In version 5, the index of keys contained all entries, and a new account was inserted after its first entry.
    private const string DropObjectsOfVersion5 =
        """
        drop index if exists credit_ledger_key;
        drop trigger if exists user_credits_record_insert;
        drop trigger if exists user_credits_record_update
        """;

    private const string DropObsoleteIndexes =
        """
        drop index if exists credit_reservations_bodies;
        drop index if exists credit_reservations_due
        """;

    // The rename with legacy_alter_table does not change the foreign keys, triggers and views that contain the name of the table.
    private const string RenameTables =
        """
        pragma legacy_alter_table = on;
        alter table credit_ledger rename to credit_ledger_before;
        alter table credit_reservations rename to credit_reservations_before;
        pragma legacy_alter_table = off;
        """;

    private const string AddLastEntry =
        """
        alter table user_credits add column last_entry integer;
        update user_credits
        set last_entry = (
            select l.id from credit_ledger_before l where l.user_id = user_credits.user_id order by l.version desc limit 1)
        """;

    private const string CopyLedger =
        """
        insert into credit_ledger (
            id, user_id, version, previous, kind, amount, held_delta, balance_after, held_after, idempotency_key, fingerprint,
            reservation_id, refers_to, actor, reason, metadata, created_at)
        select
            id, user_id, version, lag(id) over entries, kind, amount, held_delta, balance_after, sum(held_delta) over entries,
            idempotency_key, fingerprint, reservation_id, refers_to, actor, reason, metadata, created_at
        from credit_ledger_before
        window entries as (partition by user_id order by version)
        order by id;
        drop table credit_ledger_before
        """;

    private const string CopyReservations =
        """
        insert into credit_reservations (
            id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, captured, state, expires_at, hold_entry,
            response_status, response_content_type, response_location, response_headers, response_body, created_at, closed_at)
        select
            r.id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, captured, state, expires_at,
            coalesce(hold_entry, h.id), response_status, response_content_type, response_location, response_headers, response_body,
            created_at, closed_at
        from credit_reservations_before r
        left join (select reservation_id, max(id) as id from credit_ledger where kind = 'hold' group by reservation_id) h
            on h.reservation_id = r.id
        order by r.rowid;

        -- Another program may have deleted the row of a captured reservation, whose key must not be used again. An open or closed
        -- reservation that has used the key since then gets another key.
        update credit_reservations set idempotency_key = 'former:' || id
        where (user_id, idempotency_key) in (
            select c.user_id, c.idempotency_key from credit_ledger c
            where c.kind = 'capture' and c.reservation_id not in (select id from credit_reservations_before));
        insert into credit_reservations (
            id, user_id, idempotency_key, fingerprint, attempt, amount, captured, state, expires_at, hold_entry, created_at, closed_at)
        select
            c.reservation_id, c.user_id, c.idempotency_key, c.fingerprint, a.attempts, h.held_delta, -c.amount, 'captured', c.created_at,
            h.id, h.created_at, c.created_at
        from credit_ledger c
        join credit_ledger h on h.id = c.refers_to
        join (select reservation_id, count(*) as attempts from credit_ledger where kind = 'hold' group by reservation_id) a
            on a.reservation_id = c.reservation_id
        where c.kind = 'capture' and c.reservation_id not in (select id from credit_reservations_before);

        -- Before version 5, the store deleted a reservation a week after an attempt without a price, although an earlier attempt may have
        -- had a price. Each reservation in the ledger needs a row.
        insert into credit_reservations (
            id, user_id, idempotency_key, attempt, amount, state, expires_at, hold_entry, created_at, closed_at)
        select
            h.reservation_id, h.user_id, 'deleted:' || h.reservation_id, count(*), h.held_delta, 'released', h.created_at, max(h.id),
            h.created_at, h.created_at
        from credit_ledger h
        where h.kind = 'hold' and h.reservation_id not in (select id from credit_reservations)
        group by h.reservation_id;
        drop table credit_reservations_before
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

    /// <summary>
    /// Upgrades the database from a version in one transaction. No other process may use the database. Foreign keys are not checked during
    /// the upgrade, because a table to which rows of other tables refer is replaced.
    /// </summary>
    public static void Run(StoreConnection connection, long version)
    {
        connection.Run("pragma foreign_keys = off");
        connection.InTransaction(transaction => Upgrade(transaction, version));
        connection.Run("pragma foreign_keys = on");
    }

    private static long Upgrade(StoreConnection connection, long version)
    {
        RejectForeignKeys(connection, version);
        if (version < 5)
        {
            ReplaceTables(connection, version);
        }
        else
        {
            connection.Run(DropObjectsOfVersion5);
            Schema.CreateMissing(connection);
        }

        Schema.SetVersion(connection);
        return version;
    }

    private static void ReplaceTables(StoreConnection connection, long version)
    {
        connection.Run(DropObsoleteIndexes);
        var dependents = DropDependents(connection);
        connection.Run(RenameTables);
        connection.Run(AddLastEntry);
        Schema.CreateMissing(connection);
        RejectColumnsOfOthers(connection, "credit_ledger");
        RejectColumnsOfOthers(connection, "credit_reservations");

        // The indexes are created after the rows are copied, because one index after the other is built faster.
        DropDependents(connection);
        connection.Run(CopyLedger);
        connection.Run(CopyReservations);
        if (version < 4)
        {
            ReplaceUsageLogs(connection);
        }
        else
        {
            connection.Run("drop view usage_logs");
        }

        Schema.CreateMissing(connection);
        Restore(connection, dependents);
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
    }

    // A foreign key needs a table, and a unique index of the columns to which it refers.
    private static void RejectForeignKeys(StoreConnection connection, long version)
    {
        if (connection.Scalar(
            """
            select t.name from sqlite_schema t, pragma_foreign_key_list(t.name) f
            where t.type = 'table' and (
                f."table" = 'usage_logs' collate nocase and $version < 4
                or f."table" = 'credit_ledger' collate nocase and f."to" collate nocase in ('version', 'idempotency_key'))
            limit 1
            """,
            ("$version", version)) is { } table)
        {
            throw new InvalidOperationException(
                $"The credit database cannot be upgraded from schema version {version}, because the table '{table}' of another program has "
                + "a foreign key to 'usage_logs', which becomes a view, or to the versions or keys of 'credit_ledger', of which no unique "
                + "index contains all entries; remove the foreign key first. No table was changed.");
        }
    }

    // Each column of the store in an earlier version is also a column of the new table. The columns previous and held_after are new.
    private static void RejectColumnsOfOthers(StoreConnection connection, string table)
    {
        if (connection.Scalar(
            """
            select name from pragma_table_xinfo($table || '_before')
            where name collate nocase not in (select name from pragma_table_xinfo($table))
                or name collate nocase in ('previous', 'held_after')
            limit 1
            """,
            ("$table", table)) is { } column)
        {
            throw new InvalidOperationException(
                $"The credit database cannot be upgraded, because the column '{column}' of another program in the table '{table}' would be "
                + "lost; move it to a table of your own first. No table was changed.");
        }
    }

    // The dropped indexes and triggers belong to the store or to other programs. An index of a constraint has no text. SQLite keeps the
    // name of a trigger's table as it was typed. The view usage_logs is replaced, so its triggers are also dropped and restored.
    private static List<Dependent> DropDependents(StoreConnection connection)
    {
        var dependents = new List<Dependent>();
        using (var rows = connection.Query(
            """
            select type, name, sql from sqlite_schema
            where type in ('index', 'trigger') and sql is not null
                and (
                    tbl_name collate nocase in ('user_credits', 'credit_ledger', 'credit_reservations')
                    or tbl_name = 'usage_logs' collate nocase
                        and exists (select 1 from sqlite_schema v where v.type = 'view' and v.name = 'usage_logs' collate nocase))
            """))
        {
            while (rows.Read())
            {
                dependents.Add(new Dependent(rows.GetString(0), rows.GetString(1), rows.GetString(2)));
            }
        }

        foreach (var (type, name, _) in dependents)
        {
            connection.Run($"drop {type} \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }

        return dependents;
    }

    private static void Restore(StoreConnection connection, List<Dependent> dependents)
    {
        foreach (var dependent in dependents)
        {
            if (connection.Scalar(
                "select 1 from sqlite_schema where type = $type and name = $name collate nocase",
                ("$type", dependent.Type),
                ("$name", dependent.Name)) is null)
            {
                connection.Run(dependent.Sql);
            }
        }
    }

    /// <summary>Represents an index or a trigger of a table.</summary>
    private sealed record Dependent(string Type, string Name, string Sql);
}
