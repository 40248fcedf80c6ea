-- SessionRecovery ledger, 7 of 8: records changes by other SQL, and adopts an existing table user_credits.
--
-- An adopted table receives the columns of the ledger, and each balance receives a first ledger entry. After the adoption, a trigger
-- records the changes that other SQL makes. The table keeps its owner, the type of the column credits, its grants and its policies. The
-- migration reports the grants and policies that let users write.

-- Recording of external changes ------------------------------------------------------------------------------------------------------
-- External changes come from the application's own SQL, a webhook or the dashboard. Each external change is recorded as an adjust entry
-- with the next version, so that cached balances and the audit stay correct.

create or replace function session_recovery.check_external_balance(p_credits numeric) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_credits is null or p_credits <> trunc(p_credits) or abs(p_credits) > 9007199254740991 then
        raise exception 'user_credits.credits must be a whole number of at most 9007199254740991 and is %.',
            coalesce(p_credits::text, 'null')
            using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_external_balance is 'Raises 22023 if other SQL writes a balance that the ledger cannot hold.';

create or replace function session_recovery.empty_account(p_account session_recovery.account_state, p_reason text) returns void
language plpgsql volatile set search_path = '' as $$
declare
    v_open record;
begin
    for v_open in
        select id, amount, hold_entry from public.credit_reservations
        where user_id = p_account.user_id and state = 'held' order by expires_at, id
    loop
        p_account := session_recovery.close_reservation(p_account, v_open.id, v_open.amount, v_open.hold_entry, 'release', 'released');
    end loop;
    perform session_recovery.append_ledger_entry(p_account, 'adjust', -p_account.credits, p_reason => p_reason);
end
$$;
comment on function session_recovery.empty_account is
    'Closes the reservations of an account whose row is being deleted, and brings its ledger to zero.';

create or replace function session_recovery.adjust_account(p_account session_recovery.account_state, p_amount bigint)
returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_open record;
begin
    if p_account.next_hold_expiry <= p_account.as_of then
        p_account := session_recovery.expire_due_reservations(p_account);
    end if;

    p_account := session_recovery.append_ledger_entry(p_account, 'adjust', p_amount);
    if p_account.held > p_account.credits then
        for v_open in
            select id, amount, hold_entry from public.credit_reservations
            where user_id = p_account.user_id and state = 'held' order by hold_entry desc
        loop
            exit when p_account.held <= p_account.credits;
            p_account := session_recovery.close_reservation(
                p_account, v_open.id, v_open.amount, v_open.hold_entry, 'release', 'released');
        end loop;
        p_account.next_hold_expiry := session_recovery.get_next_hold_expiry(p_account.user_id);
    end if;
    return p_account;
end
$$;
comment on function session_recovery.adjust_account is
    'Records that other SQL changed a balance. If less is left than is held, the newest reservations are released.';

create or replace function session_recovery.record_external_insert(p_user uuid, p_credits bigint, p_version bigint) returns void
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    v_account.user_id := p_user;
    v_account.credits := 0;
    v_account.held := 0;
    v_account.version := (select coalesce(max(version), 0) from public.credit_ledger where user_id = p_user);
    v_account.as_of := session_recovery.now();
    v_account := session_recovery.append_ledger_entry(
        v_account, case v_account.version when 0 then 'init' else 'adjust' end, p_credits);
    if v_account.version <> p_version then
        update public.user_credits set version = v_account.version where user_id = p_user;
    end if;
end
$$;
comment on function session_recovery.record_external_insert is
    'Records that other SQL inserted an account. The versions of an earlier account of the same user continue.';

create or replace function session_recovery.record_external_truncate() returns void
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    for v_account in
        select u.user_id, u.credits, u.held, u.version, u.next_hold_expiry, session_recovery.now(), null::text, null::bigint
        from public.user_credits u
    loop
        perform session_recovery.empty_account(v_account, 'table truncated');
    end loop;
end
$$;
comment on function session_recovery.record_external_truncate is 'Records that other SQL is about to truncate user_credits.';

create or replace function session_recovery.record_external_change() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    if (tg_op in ('INSERT', 'TRUNCATE') or tg_op = 'UPDATE' and new.credits is distinct from old.credits)
        and (select contracted from session_recovery.settings) then
        raise exception 'Only the functions of SessionRecovery may change a balance, for example grant_credits() and consume_credits().'
            using errcode = '42501';
    end if;

    if tg_op = 'TRUNCATE' then
        perform session_recovery.record_external_truncate();
        return null;
    elsif tg_op = 'INSERT' and tg_when = 'BEFORE' then
        -- ON CONFLICT may discard the inserted row, so the ledger entry is written after the insert.
        perform session_recovery.check_external_balance(new.credits);
        new.held := 0;
        new.version := 1;
        new.next_hold_expiry := null;
        return new;
    elsif tg_op = 'INSERT' then
        perform session_recovery.record_external_insert(new.user_id, new.credits::bigint, new.version);
        return null;
    end if;

    select old.user_id, old.credits, old.held, old.version, old.next_hold_expiry, session_recovery.now(), null::text, null::bigint
    into v_account;
    if tg_op = 'DELETE' then
        perform session_recovery.empty_account(v_account, 'row deleted');
        return old;
    end if;

    if new.user_id is distinct from old.user_id then
        raise exception 'user_credits.user_id cannot be changed.' using errcode = '22023', hint = 'Insert a row for the other user.';
    end if;
    if new.credits is distinct from old.credits then
        perform session_recovery.check_external_balance(new.credits);
        v_account := session_recovery.adjust_account(v_account, (new.credits - old.credits)::bigint);
    end if;
    new.held := v_account.held;
    new.version := v_account.version;
    new.next_hold_expiry := v_account.next_hold_expiry;
    return new;
end
$$;
comment on function session_recovery.record_external_change is
    'Trigger of user_credits for changes that do not come from the ledger''s own functions. After the contract migration it rejects them.';

call session_recovery.secure_functions();

-- Adoption ---------------------------------------------------------------------------------------------------------------------------
-- One statement under one lock makes all changes, so that no balance changes between the first ledger entries and the triggers.

do $$
declare
    v_invalid bigint;
    v_sequence regclass;
begin
    if (select adopted from session_recovery.settings) and not exists (
        select from pg_catalog.pg_attribute
        where attrelid = 'public.user_credits'::regclass and attname = 'version' and not attisdropped) then
        -- The timeout limits how long this statement waits for the lock, because statements of the application must wait in the meantime.
        perform set_config('lock_timeout', '10s', true);
        lock table public.user_credits in access exclusive mode;

        select count(*) filter (
                where user_id is null or credits is null or credits < 0 or credits <> trunc(credits::numeric)
                    or credits > 9007199254740991)
            + count(user_id) - count(distinct user_id)
        into v_invalid
        from public.user_credits;
        if v_invalid > 0 then
            raise exception 'SessionRecovery changed nothing: % row(s) of public.user_credits cannot be adopted.', v_invalid
                using hint = 'Each row needs a user_id of its own and a whole balance from 0 to 9007199254740991.';
        end if;

        -- The following statements add the columns of the ledger, and a unique index on user_id if the table has no such index.
        alter table public.user_credits
            add column held bigint not null default 0,
            add column version bigint not null default 1,
            add column next_hold_expiry timestamptz;
        alter table public.user_credits alter column version set default 0;
        update session_recovery.settings set added_columns = array['held', 'version', 'next_hold_expiry'];
        if not exists (
            select from pg_catalog.pg_attribute
            where attrelid = 'public.user_credits'::regclass and attname = 'updated_at' and not attisdropped) then
            alter table public.user_credits add column updated_at timestamptz not null default clock_timestamp();
            update session_recovery.settings set added_columns = array_append(added_columns, 'updated_at');
        end if;
        if not exists (
            select from pg_catalog.pg_index i
            join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = 'public.user_credits'::regclass and i.indisunique and i.indisvalid and i.indimmediate
              and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'user_id') then
            create unique index user_credits_session_recovery_user on public.user_credits (user_id);
            update session_recovery.settings set added_indexes = array['user_credits_session_recovery_user'];
        end if;

        -- The following statement adds the first ledger entry of each account.
        insert into public.credit_ledger (user_id, version, kind, amount, balance_after, reason, created_at)
        select user_id, 1, 'init', credits, credits, 'adopted', session_recovery.now()
        from public.user_credits;

        -- Grants the ledger's role access to the table.
        grant select, insert, update on public.user_credits to session_recovery_owner;
        for v_sequence in
            select d.objid::regclass
            from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
            where d.refobjid = 'public.user_credits'::regclass and d.deptype = 'a'
        loop
            execute format('grant usage on sequence %s to session_recovery_owner', v_sequence);
        end loop;
        create policy session_recovery_owner on public.user_credits to session_recovery_owner using (true) with check (true);
    end if;

    -- Triggers run in alphabetical order. The triggers of the ledger run last, after the host's triggers have changed the row.
    create or replace trigger zz_session_recovery_before before insert or update or delete on public.user_credits
    for each row when (current_user <> 'session_recovery_owner') execute function session_recovery.record_external_change();
    create or replace trigger zz_session_recovery_after after insert on public.user_credits
    for each row when (current_user <> 'session_recovery_owner') execute function session_recovery.record_external_change();
    create or replace trigger zz_session_recovery_truncate before truncate on public.user_credits
    for each statement when (current_user <> 'session_recovery_owner') execute function session_recovery.record_external_change();
end
$$;

-- Warnings about policies and triggers of the host -----------------------------------------------------------------------------------

do $$
declare
    v_path text;
    v_trigger name;
begin
    for v_path in select session_recovery.list_user_write_paths() loop
        raise warning 'SessionRecovery did not change this: %.', v_path;
    end loop;

    -- A trigger function of the host runs with the rights of session_recovery_owner. If this role lacks a right, every command fails.
    for v_trigger in
        select t.tgname
        from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
        where t.tgrelid = 'public.user_credits'::regclass and not t.tgisinternal and not p.prosecdef
          and t.tgname not like 'zz\_session\_recovery%'
        order by t.tgname
    loop
        raise warning 'SessionRecovery did not change this: the trigger % of public.user_credits runs as session_recovery_owner.',
            quote_ident(v_trigger)
            using hint = 'Make its function SECURITY DEFINER, or grant session_recovery_owner what the function uses.';
    end loop;
end
$$;

insert into session_recovery.migrations (name) values ('20260801000700_session_recovery_adoption') on conflict do nothing;
notify pgrst, 'reload schema';
