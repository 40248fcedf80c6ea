-- SessionRecovery ledger, phase contract: after this migration, only the functions of the ledger can write to an adopted table
-- user_credits. When your own SQL no longer writes balances, copy this file to your migrations under a name that begins with the current
-- time.
--
-- The migration saves the host's grants and policies on the table as SQL in session_recovery.settings.host_rights. The leaving script
-- restores them from this column. Deleting a row is still allowed and empties the account, so that users can be deleted from auth.users.

do $$
declare
    v_table constant regclass := 'public.user_credits'::regclass;
    v_search_path constant text := current_setting('search_path');
    v_rights text[] := '{}';
    v_row record;
begin
    if (select contracted from session_recovery.settings) then
        return;
    end if;
    if not exists (select from session_recovery.migrations where name = '20260801000700_session_recovery_adoption') then
        raise exception 'SessionRecovery changed nothing: the migration 20260801000700_session_recovery_adoption is not applied.'
            using hint = 'Apply it first.';
    end if;

    -- With an empty search_path, the saved SQL contains the schema of every name. A restored policy therefore keeps its meaning.
    perform set_config('search_path', '', true);
    perform set_config('lock_timeout', '10s', true);
    lock table public.user_credits in access exclusive mode;

    if not (select relrowsecurity from pg_catalog.pg_class where oid = v_table) then
        v_rights := v_rights || 'alter table public.user_credits disable row level security'::text;
    end if;

    -- The following loop revokes the grants on the table and on its columns. CASCADE also revokes the grants that a grantee has made to
    -- other roles. These grants are saved as well. When they are restored, the table owner becomes their grantor.
    for v_row in
        select
            format(
                'grant %s%s on public.user_credits to %s%s', x.privilege_type, coalesce(' (' || quote_ident(x.attname) || ')', ''),
                coalesce(quote_ident(r.rolname), 'public'), case when x.is_grantable then ' with grant option' else '' end) as sql,
            coalesce(quote_ident(r.rolname), 'public') as grantee
        from (
            select a.grantee, a.privilege_type, a.is_grantable, null::name as attname
            from pg_catalog.pg_class c cross join pg_catalog.aclexplode(c.relacl) a
            where c.oid = v_table
            union all
            select a.grantee, a.privilege_type, a.is_grantable, t.attname
            from pg_catalog.pg_attribute t cross join pg_catalog.aclexplode(t.attacl) a
            where t.attrelid = v_table and not t.attisdropped) x
        left join pg_catalog.pg_roles r on r.oid = x.grantee
        where x.grantee <> (select relowner from pg_catalog.pg_class where oid = v_table)
          and r.rolname is distinct from 'session_recovery_owner'
    loop
        v_rights := v_rights || v_row.sql;
        execute format('revoke all on public.user_credits from %s cascade', v_row.grantee);
    end loop;

    -- The following loop drops the policies of the table.
    for v_row in
        select
            p.polname,
            format(
                'create policy %I on public.user_credits as %s for %s to %s%s%s', p.polname,
                case when p.polpermissive then 'permissive' else 'restrictive' end,
                case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                (select string_agg(coalesce(quote_ident(r.rolname), 'public'), ', ')
                 from unnest(p.polroles) as o (role) left join pg_catalog.pg_roles r on r.oid = o.role),
                ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') as sql
        from pg_catalog.pg_policy p
        where p.polrelid = v_table and p.polname <> 'session_recovery_owner'
    loop
        v_rights := v_rights || v_row.sql;
        execute format('drop policy %I on public.user_credits', v_row.polname);
    end loop;

    alter table public.user_credits enable row level security;
    grant select on public.user_credits to authenticated, service_role;
    create policy user_credits_own_rows on public.user_credits for select to authenticated using (user_id = (select auth.uid()));

    update session_recovery.settings set contracted = true, host_rights = v_rights where id = 1;
    perform set_config('search_path', v_search_path, true);
end
$$;

insert into session_recovery.migrations (name) values ('20260801001000_session_recovery_contract') on conflict do nothing;
notify pgrst, 'reload schema';
