namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// Reads all database objects that a migration could change, and returns them as text. If two texts are equal, the database objects are
/// equal.
/// </summary>
internal static class Catalog
{
    private const string Sql =
        """
        select line from (
            select format('schema %s %s %s', nspname, nspowner::regrole, nspacl) as line
            from pg_namespace where nspname in ('public', 'session_recovery', 'auth')
            union all
            select format('%s %s.%s %s %s rls=%s options=%s', c.relkind, n.nspname, c.relname, c.relowner::regrole, c.relacl,
                c.relrowsecurity, c.reloptions)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'session_recovery', 'auth')
            union all
            select format('column %s.%s %s notnull=%s default=%s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl)
            from pg_attribute a join pg_class c on c.oid = a.attrelid
                left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where c.relnamespace::regnamespace::text in ('public', 'session_recovery', 'auth') and a.attnum > 0 and not a.attisdropped
            union all
            select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            from pg_constraint where connamespace::regnamespace::text in ('public', 'session_recovery', 'auth')
            union all
            select format('index %s', pg_get_indexdef(indexrelid))
            from pg_index i join pg_class c on c.oid = i.indexrelid
            where c.relnamespace::regnamespace::text in ('public', 'session_recovery', 'auth')
            union all
            select format('policy %s %s %s %s %s %s', polrelid::regclass, polname, polcmd, polroles::regrole[],
                pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
            from pg_policy
            union all
            select format('trigger %s %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal
            union all
            select format('function %s %s %s', proowner::regrole, proacl, pg_get_functiondef(oid))
            from pg_proc where pronamespace::regnamespace::text in ('public', 'session_recovery') and prokind in ('f', 'p')
            union all
            select format('type %s %s %s', typname, typowner::regrole, typacl)
            from pg_type where typnamespace::regnamespace::text in ('public', 'session_recovery')) catalog
        order by line
        """;

    public static async Task<string> ReadAsync(LedgerDatabase database) => string.Join('\n', await database.QueryAsync(Sql));
}
