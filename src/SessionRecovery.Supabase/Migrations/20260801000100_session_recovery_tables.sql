-- SessionRecovery's ledger, 1 of 3: the owner role, the private schema and the tables.
-- Idempotent. Applied by a role with CREATEROLE that owns schema public; it needs no superuser and owns nothing in auth.
-- A table user_credits that is there already is only looked at here; 3 of 3 adopts it.

-- What can't be adopted stops here, before anything was changed.
do $$
declare
    v_table regclass := to_regclass('public.user_credits');
    v_type text;
    v_names text;
    v_nameless bigint;
    v_doubled bigint;
    v_unknown bigint;
    v_negative bigint;
    v_broken bigint;
    v_huge bigint;
begin
    if to_regclass('session_recovery.settings') is not null then
        return;
    end if;

    select string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by c.relname) into v_names
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relname in ('credit_ledger', 'credit_reservations');
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: % is there already and is not ours. Rename it.', v_names;
    end if;

    select string_agg(distinct p.proname, ', ' order by p.proname) into v_names
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and p.proname in (
        'get_my_credits', 'initialize_my_credits', 'initialize_user_credits', 'get_user_credits', 'consume_credits', 'reserve_credits',
        'extend_reservation', 'capture_reservation', 'release_reservation', 'expire_reservations', 'grant_credits', 'refund_credits',
        'credit_history', 'active_user_snapshot', 'credits_audit', 'session_recovery_schema');
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: schema public has functions of its own with these names: %. Rename them.', v_names;
    end if;

    if v_table is null then
        return;
    end if;

    if (select relkind from pg_catalog.pg_class where oid = v_table) <> 'r' then
        raise exception 'SessionRecovery changed nothing: public.user_credits is not an ordinary table.';
    end if;
    if not pg_catalog.pg_has_role(current_user, (select relowner from pg_catalog.pg_class where oid = v_table), 'USAGE') then
        raise exception 'SessionRecovery changed nothing: public.user_credits belongs to %, whose member % is not.',
            (select relowner::regrole from pg_catalog.pg_class where oid = v_table), current_user;
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'user_id' and not attisdropped;
    if v_type is distinct from 'uuid' then
        raise exception 'SessionRecovery changed nothing: public.user_credits.user_id must be uuid and is %.', coalesce(v_type, 'missing');
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'credits' and not attisdropped and attgenerated = '';
    if v_type is null or v_type not in ('smallint', 'integer', 'bigint', 'numeric') then
        raise exception 'SessionRecovery changed nothing: public.user_credits.credits must be a whole or numeric column and is %.', coalesce(v_type, 'missing');
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'updated_at' and not attisdropped;
    if v_type not in ('timestamp with time zone', 'timestamp without time zone') then
        raise exception 'SessionRecovery changed nothing: public.user_credits.updated_at must be a timestamp and is %.', v_type;
    end if;

    select string_agg(attname, ', ' order by attname) into v_names
    from pg_catalog.pg_attribute
    where attrelid = v_table and attname in ('held', 'version', 'next_hold_expiry') and not attisdropped;
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: public.user_credits has columns of its own with these names: %. Rename them.', v_names;
    end if;

    -- A restrictive policy for everybody would hide rows from the ledger too, and everyone would seem to have no account.
    select string_agg(quote_ident(polname), ', ' order by polname) into v_names
    from pg_catalog.pg_policy where polrelid = v_table and not polpermissive and 0 = any (polroles);
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: public.user_credits has restrictive policies for every role: %. Limit them to the roles they are for (TO authenticated).', v_names;
    end if;

    select count(*) filter (where user_id is null),
           count(user_id) - count(distinct user_id),
           count(*) filter (where credits is null),
           count(*) filter (where credits < 0),
           count(*) filter (where credits <> trunc(credits::numeric)),
           count(*) filter (where credits > 9007199254740991)
    into v_nameless, v_doubled, v_unknown, v_negative, v_broken, v_huge
    from public.user_credits;
    if v_nameless + v_doubled + v_unknown + v_negative + v_broken + v_huge > 0 then
        raise exception 'SessionRecovery changed nothing: public.user_credits has rows that can''t be adopted.'
            using detail = format('%s without a user, %s too many for one user, %s without a balance, %s negative, %s fractional, %s of 2^53 or more.',
                v_nameless, v_doubled, v_unknown, v_negative, v_broken, v_huge),
                hint = 'Correct these rows and apply the migration again.';
    end if;
end
$$;

-- Owns the tables and the functions that write them. Nobody signs in as it, and row-level security holds for it elsewhere.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'session_recovery_owner') then
        create role session_recovery_owner nologin;
    end if;
    -- Since PostgreSQL 16 who creates a role is its member with nothing but the right to grant it: what counts is whether we may act as it.
    if not pg_catalog.pg_has_role(current_user, 'session_recovery_owner', 'USAGE') then
        execute format('grant session_recovery_owner to %I', current_user);
    end if;
end
$$;

create schema if not exists session_recovery;
comment on schema session_recovery is 'SessionRecovery: what its functions in public stand on. Never expose this schema.';
alter schema session_recovery owner to session_recovery_owner;
revoke all on schema session_recovery from public, anon;
grant usage on schema session_recovery to authenticated, service_role;

-- A new owner must be able to create where its tables are, at that moment only.
grant usage, create on schema public to session_recovery_owner;

create table if not exists session_recovery.migrations (
    name text primary key,
    applied_at timestamptz not null default clock_timestamp()
);

-- What no caller may decide. initial_amount is null until its owner sets one: then nobody is given an account.
create table if not exists session_recovery.settings (
    id smallint primary key default 1 check (id = 1),
    incarnation text not null default replace(gen_random_uuid()::text, '-', ''),
    initial_amount bigint check (initial_amount between 0 and 9007199254740991),
    max_amount bigint not null default 9007199254740991 check (max_amount between 1 and 9007199254740991),
    max_hold interval not null default interval '24 hours',
    -- The table user_credits was there before.
    adopted boolean not null,
    -- Only our functions write balances.
    contracted boolean not null,
    -- What docs/leaving.md takes away and gives back again: names of columns and indexes, and SQL.
    added_columns text[] not null default '{}',
    added_indexes text[] not null default '{}',
    host_rights text[] not null default '{}'
);
insert into session_recovery.settings (initial_amount, adopted, contracted)
select case when there then null else 100 end, there, not there
from (select to_regclass('public.user_credits') is not null as there) as t
on conflict do nothing;

-- One row for each user, and the lock of everything that is the user's: credits is what was booked, held what is reserved. version
-- rises by one with every change of either. No index on a column that changes, and room in the pages: updates stay in place.
create table if not exists public.user_credits (
    user_id uuid primary key,
    credits bigint not null default 0 check (credits between 0 and 9007199254740991),
    held bigint not null default 0 check (held >= 0),
    version bigint not null default 0 check (version >= 0),
    next_hold_expiry timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    check (credits - held >= 0)
) with (fillfactor = 70);

-- The book behind the balance: one row for each version. Only rows that spend or grant carry the key, so it never expires. No foreign
-- keys: the rows stay when an account goes, and credits_audit() looks at the rest.
create table if not exists public.credit_ledger (
    id bigint generated always as identity primary key,
    user_id uuid not null,
    version bigint not null check (version >= 1),
    kind text not null check (kind in ('init', 'grant', 'consume', 'refund', 'capture', 'hold', 'release', 'expire', 'adjust')),
    amount bigint not null,
    held_delta bigint not null default 0,
    balance_after bigint not null,
    idempotency_key text check (length(idempotency_key) between 1 and 255),
    fingerprint text,
    reservation_id uuid,
    refers_to bigint,
    actor text,
    reason text,
    metadata jsonb check (octet_length(metadata::text) <= 4096),
    created_at timestamptz not null,
    unique (user_id, version)
);
create unique index if not exists credit_ledger_key on public.credit_ledger (user_id, idempotency_key) where idempotency_key is not null;

-- A hold has one ending row, whatever ended it, and a reservation is paid once.
create unique index if not exists credit_ledger_ending on public.credit_ledger (refers_to) where held_delta < 0;
create unique index if not exists credit_ledger_capture on public.credit_ledger (reservation_id) where kind = 'capture';
create unique index if not exists credit_ledger_refunds on public.credit_ledger (refers_to, id) where kind = 'refund';

-- One row for each key: a hold that was released or lapsed is held again as the next attempt. hold_entry is the ledger row of
-- the latest hold.
create table if not exists public.credit_reservations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null,
    idempotency_key text not null check (length(idempotency_key) between 1 and 255),
    fingerprint text,
    attempt integer not null check (attempt >= 1),
    runner uuid,
    amount bigint not null check (amount > 0),
    captured bigint not null default 0 check (captured between 0 and amount),
    state text not null check (state in ('held', 'captured', 'released', 'expired')),
    expires_at timestamptz not null,
    hold_entry bigint not null,
    response_status integer,
    response_content_type text,
    response_location text,
    response_body bytea check (octet_length(response_body) <= 65536),
    created_at timestamptz not null,
    closed_at timestamptz,
    unique (user_id, idempotency_key)
) with (fillfactor = 70);
-- In the order in which they are read; being unique, they are no news to an advisor that counts reads on the first day.
create unique index if not exists credit_reservations_held on public.credit_reservations (user_id, expires_at, id) where state = 'held';
create unique index if not exists credit_reservations_due on public.credit_reservations (expires_at, id) where state = 'held';
create unique index if not exists credit_reservations_bodies on public.credit_reservations (closed_at, id) where response_body is not null;

-- The product's activity log, written with the effect; never used to compute a balance. One with another shape is the host's.
create table if not exists public.usage_logs (
    id bigint generated always as identity primary key,
    user_id uuid not null,
    action text not null,
    credits bigint not null,
    ledger_id bigint,
    created_at timestamptz not null
);

-- Supabase's default privileges open every new table: close them, then let users read what is theirs.
do $$
declare
    v_logs_are_ours boolean;
    v_table text;
begin
    -- Told by its column: what else is called usage_logs stays untouched, and the ledger tells who was active.
    v_logs_are_ours := exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.usage_logs') and attname = 'ledger_id' and atttypid = 'bigint'::regtype and not attisdropped);
    if v_logs_are_ours then
        create unique index if not exists usage_logs_created_at on public.usage_logs (created_at, user_id, id);
    else
        create unique index if not exists credit_ledger_activity on public.credit_ledger (created_at, user_id, id)
            where kind in ('init', 'consume', 'capture', 'adjust');
    end if;

    foreach v_table in array array['user_credits', 'credit_ledger', 'credit_reservations', 'usage_logs'] loop
        continue when v_table = 'user_credits' and (select adopted from session_recovery.settings);
        continue when v_table = 'usage_logs' and not v_logs_are_ours;
        execute format('alter table public.%I owner to session_recovery_owner', v_table);
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on table public.%I from public, anon, authenticated, service_role', v_table);
        execute format('grant select on table public.%I to authenticated, service_role', v_table);
        execute format('drop policy if exists %I on public.%I', v_table || '_own_rows', v_table);
        execute format('create policy %I on public.%I for select to authenticated using (user_id = (select auth.uid()))', v_table || '_own_rows', v_table);
        if v_table in ('credit_ledger', 'usage_logs') then
            execute format('revoke all on sequence %s from public, anon, authenticated, service_role', pg_get_serial_sequence('public.' || v_table, 'id'));
        end if;
    end loop;
end
$$;

alter table session_recovery.migrations owner to session_recovery_owner;
alter table session_recovery.settings owner to session_recovery_owner;
revoke all on all tables in schema session_recovery from public, anon, authenticated, service_role;
revoke create on schema public from session_recovery_owner;

insert into session_recovery.migrations (name) values ('20260801000100_session_recovery_tables') on conflict do nothing;
