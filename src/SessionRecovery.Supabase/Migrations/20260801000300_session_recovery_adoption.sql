-- SessionRecovery's ledger, 3 of 3: *expand*. A user_credits that was there before gets our columns, each balance its first ledger row,
-- and from that moment a trigger follows what other SQL writes: all of it in one step, so that no change falls between. The table keeps
-- its owner, the type of credits, its grants and its policies; those that let users write balances are reported, not touched.

do $$
declare
    v_adopted boolean := (select adopted from session_recovery.settings);
    v_broken bigint;
    v_sequence regclass;
    v_path text;
begin
    if v_adopted and not exists (
        select from pg_catalog.pg_attribute where attrelid = 'public.user_credits'::regclass and attname = 'version' and not attisdropped) then
        -- Waits for the app's running statements for a while, and never holds up the app behind itself for longer.
        perform set_config('lock_timeout', '10s', true);
        lock table public.user_credits in access exclusive mode;

        select count(*) into v_broken from public.user_credits
        where user_id is null or credits is null or credits < 0 or credits <> trunc(credits::numeric) or credits > 9007199254740991;
        select v_broken + count(user_id) - count(distinct user_id) into v_broken from public.user_credits;
        if v_broken > 0 then
            raise exception 'SessionRecovery changed nothing: % row(s) of public.user_credits can''t be adopted: no user, two for one user, or a balance that is null, negative, fractional or too large.', v_broken;
        end if;

        alter table public.user_credits
            add column held bigint not null default 0,
            add column version bigint not null default 1,
            add column next_hold_expiry timestamptz;
        alter table public.user_credits alter column version set default 0;
        update session_recovery.settings set added_columns = array['held', 'version', 'next_hold_expiry'];
        if not exists (
            select from pg_catalog.pg_attribute where attrelid = 'public.user_credits'::regclass and attname = 'updated_at' and not attisdropped) then
            alter table public.user_credits add column updated_at timestamptz not null default clock_timestamp();
            update session_recovery.settings set added_columns = array_append(added_columns, 'updated_at');
        end if;
        if not exists (
            select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = 'public.user_credits'::regclass and i.indisunique and i.indisvalid and i.indimmediate
              and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'user_id') then
            create unique index user_credits_session_recovery_user on public.user_credits (user_id);
            update session_recovery.settings set added_indexes = array['user_credits_session_recovery_user'];
        end if;

        insert into public.credit_ledger (user_id, version, kind, amount, balance_after, actor, reason, created_at)
        select user_id, 1, 'init', credits, credits, session_recovery.actor(), 'adopted', session_recovery.now()
        from public.user_credits;

        grant select, insert, update on public.user_credits to session_recovery_owner;
        for v_sequence in
            select d.objid::regclass from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
            where d.refobjid = 'public.user_credits'::regclass and d.deptype = 'a'
        loop
            execute format('grant usage on sequence %s to session_recovery_owner', v_sequence);
        end loop;
        create policy session_recovery_owner on public.user_credits to session_recovery_owner using (true) with check (true);
    end if;

    -- The last in the alphabet: they see a row as the table's other triggers leave it.
    create or replace trigger zz_session_recovery_before before insert or update or delete on public.user_credits
    for each row when (current_user <> 'session_recovery_owner') execute function session_recovery.follow_other_sql();
    create or replace trigger zz_session_recovery_after after insert on public.user_credits
    for each row when (current_user <> 'session_recovery_owner') execute function session_recovery.follow_other_sql();
    create or replace trigger zz_session_recovery_truncate before truncate on public.user_credits
    for each statement when (current_user <> 'session_recovery_owner') execute function session_recovery.follow_other_sql();

    for v_path in select session_recovery.user_write_paths() loop
        raise warning 'SessionRecovery left as it is: %.', v_path;
    end loop;

    -- A trigger of the host's runs with our role's rights when the ledger writes, and what it may not touch would stop every spend.
    for v_path in
        select format('the trigger %I on public.user_credits runs as session_recovery_owner when the ledger writes: make its function SECURITY DEFINER, or grant that role what it touches', t.tgname)
        from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
        where t.tgrelid = 'public.user_credits'::regclass and not t.tgisinternal and t.tgname not like 'zz\_session\_recovery%' and not p.prosecdef
        order by t.tgname
    loop
        raise warning 'SessionRecovery left as it is: %.', v_path;
    end loop;
end
$$;

insert into session_recovery.migrations (name) values ('20260801000300_session_recovery_adoption') on conflict do nothing;
notify pgrst, 'reload schema';
