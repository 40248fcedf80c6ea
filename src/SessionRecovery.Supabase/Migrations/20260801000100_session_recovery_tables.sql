-- SessionRecovery ledger, 1 of 8: creates the owner role, the private schema, the tables and their access rules.
--
-- Every migration is idempotent and runs in one transaction. The role that applies the migrations must own the schema public and have
-- CREATEROLE. The role needs neither superuser rights nor rights on the schema auth. This migration only checks an existing table
-- user_credits, and migration 7 adopts it.

-- Checks -----------------------------------------------------------------------------------------------------------------------------
-- The migration stops before it changes anything if the database cannot be migrated. A repeated run skips these checks.

-- Tables and functions of the host must not have names that the ledger needs.
do $$
declare
    v_names text;
begin
    if to_regclass('session_recovery.settings') is not null then
        return;
    end if;

    select string_agg(format('public.%I', c.relname), ', ' order by c.relname) into v_names
    from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname in ('credit_ledger', 'credit_reservations');
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: relations with these names already exist: %.', v_names
            using hint = 'Rename them and apply the migration again.';
    end if;

    select string_agg(distinct p.proname, ', ' order by p.proname) into v_names
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in (
        'active_user_snapshot', 'add_key_ring_element', 'adjust_credits', 'capture_reservation', 'consume_credits', 'credit_history',
        'credits_audit', 'expire_reservations', 'extend_reservation', 'get_my_credits', 'get_user_credits', 'grant_credits',
        'initialize_my_credits', 'initialize_user_credits', 'open_reservations', 'read_key_ring', 'record_active_users', 'refund_credits',
        'release_reservation', 'reserve_credits', 'session_recovery_schema', 'user_credit_history');
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: functions with these names already exist in schema public: %.', v_names
            using hint = 'Rename them and apply the migration again.';
    end if;
end
$$;

-- The applying role must own an existing table user_credits, and its columns must have suitable types.
do $$
declare
    v_table constant regclass := to_regclass('public.user_credits');
    v_owner regrole;
    v_type text;
    v_names text;
begin
    if v_table is null or to_regclass('session_recovery.settings') is not null then
        return;
    end if;

    if (select relkind from pg_catalog.pg_class where oid = v_table) <> 'r' then
        raise exception 'SessionRecovery changed nothing: public.user_credits is not an ordinary table.';
    end if;

    select relowner::regrole into v_owner from pg_catalog.pg_class where oid = v_table;
    if not pg_catalog.pg_has_role(current_user, v_owner::oid, 'USAGE') then
        raise exception 'SessionRecovery changed nothing: public.user_credits belongs to the role %, and % is not a member of it.',
            v_owner, current_user;
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'user_id' and not attisdropped;
    if v_type is distinct from 'uuid' then
        raise exception 'SessionRecovery changed nothing: the type of public.user_credits.user_id must be uuid and is %.',
            coalesce(v_type, 'missing');
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'credits' and not attisdropped and attgenerated = '';
    if v_type is null or v_type not in ('smallint', 'integer', 'bigint', 'numeric') then
        raise exception 'SessionRecovery changed nothing: the type of public.user_credits.credits must be integer or numeric and is %.',
            coalesce(v_type, 'missing');
    end if;

    select format_type(atttypid, null) into v_type
    from pg_catalog.pg_attribute where attrelid = v_table and attname = 'updated_at' and not attisdropped;
    if v_type not in ('timestamp with time zone', 'timestamp without time zone') then
        raise exception 'SessionRecovery changed nothing: the type of public.user_credits.updated_at must be a timestamp and is %.', v_type;
    end if;

    select string_agg(attname, ', ' order by attname) into v_names
    from pg_catalog.pg_attribute
    where attrelid = v_table and attname in ('held', 'version', 'next_hold_expiry') and not attisdropped;
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: public.user_credits already has columns with these names: %.', v_names
            using hint = 'Rename them and apply the migration again.';
    end if;

    -- A restrictive policy for every role also applies to the ledger's own role. If such a policy hides a row, the ledger treats the
    -- account as not initialized.
    select string_agg(quote_ident(polname), ', ' order by polname) into v_names
    from pg_catalog.pg_policy where polrelid = v_table and not polpermissive and 0 = any (polroles);
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: public.user_credits has restrictive policies for every role: %.', v_names
            using hint = 'Limit each policy to the roles that need it, for example TO authenticated.';
    end if;
end
$$;

-- Every row of an existing table user_credits must contain a whole, non-negative balance, and each user must have only one row.
do $$
declare
    v_without_user bigint;
    v_duplicate bigint;
    v_null bigint;
    v_negative bigint;
    v_fractional bigint;
    v_too_large bigint;
begin
    if to_regclass('public.user_credits') is null or to_regclass('session_recovery.settings') is not null then
        return;
    end if;

    select count(*) filter (where user_id is null),
           count(user_id) - count(distinct user_id),
           count(*) filter (where credits is null),
           count(*) filter (where credits < 0),
           count(*) filter (where credits <> trunc(credits::numeric)),
           count(*) filter (where credits > 9007199254740991)
    into v_without_user, v_duplicate, v_null, v_negative, v_fractional, v_too_large
    from public.user_credits;
    if v_without_user + v_duplicate + v_null + v_negative + v_fractional + v_too_large > 0 then
        raise exception 'SessionRecovery changed nothing: public.user_credits has rows that cannot be adopted.'
            using detail = format(
                    'Rows without user_id: %s; duplicate rows: %s; credits null: %s, negative: %s, fractional: %s, above 2^53 - 1: %s.',
                    v_without_user, v_duplicate, v_null, v_negative, v_fractional, v_too_large),
                hint = 'Correct these rows and apply the migration again.';
    end if;
end
$$;

-- This section creates the owner role and the private schema -------------------------------------------------------------------------

-- This role owns the tables and functions of the ledger. The role cannot log in and does not bypass row-level security.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'session_recovery_owner') then
        create role session_recovery_owner nologin;
    end if;

    -- Since PostgreSQL 16, the creator of a role may grant the role to others, but does not have the rights of the role. The role is
    -- therefore granted to the creator explicitly.
    if not pg_catalog.pg_has_role(current_user, 'session_recovery_owner', 'USAGE') then
        execute format('grant session_recovery_owner to %I', current_user);
    end if;
end
$$;

create schema if not exists session_recovery;
comment on schema session_recovery is 'SessionRecovery: settings and private functions of the credit ledger. Never expose this schema.';
alter schema session_recovery owner to session_recovery_owner;
revoke all on schema session_recovery from public, anon;

-- A role becomes the owner of a table only if it has the CREATE right on the schema. This right is revoked at the end of this file.
grant usage, create on schema public to session_recovery_owner;

create table if not exists session_recovery.migrations (
    name text primary key,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table session_recovery.migrations is
    'The applied migrations, by file name without extension. The application compares them at start.';

create table if not exists session_recovery.settings (
    id smallint primary key default 1 check (id = 1),
    incarnation text not null default replace(gen_random_uuid()::text, '-', ''),
    initial_amount bigint check (initial_amount between 0 and 9007199254740991),
    max_amount bigint not null default 9007199254740991 check (max_amount between 1 and 9007199254740991),
    max_reservation_lifetime interval not null default interval '24 hours',
    adopted boolean not null,
    contracted boolean not null,
    added_columns text[] not null default '{}',
    added_indexes text[] not null default '{}',
    host_rights text[] not null default '{}'
);
comment on table session_recovery.settings is 'One row with the values that no caller may choose.';
comment on column session_recovery.settings.incarnation is
    'Identifies this history of the ledger. Renew it with renew_incarnation() after a restore from a backup, when versions fall.';
comment on column session_recovery.settings.initial_amount is
    'Credits of a new account; see set_initial_amount(). While it is null, no account is initialized.';
comment on column session_recovery.settings.max_amount is 'The largest amount of one command.';
comment on column session_recovery.settings.max_reservation_lifetime is 'The longest lifetime of a reservation.';
comment on column session_recovery.settings.adopted is 'Whether user_credits existed before SessionRecovery.';
comment on column session_recovery.settings.contracted is 'Whether only the ledger''s functions may write balances.';
comment on column session_recovery.settings.added_columns is 'Columns that were added to an adopted user_credits; leaving drops them.';
comment on column session_recovery.settings.added_indexes is 'Indexes that were added to an adopted user_credits; leaving drops them.';
comment on column session_recovery.settings.host_rights is
    'SQL of the grants and policies that the contract migration removed from an adopted user_credits; leaving restores them.';

create table if not exists session_recovery.active_users (
    user_id uuid primary key,
    last_at timestamptz not null
) with (fillfactor = 70);
comment on table session_recovery.active_users is
    'When a user was last active without a change of their balance; see record_active_users().';
create unique index if not exists active_users_last_at on session_recovery.active_users (last_at, user_id);

insert into session_recovery.settings (initial_amount, adopted, contracted)
select case when t.present then null else 100 end, t.present, not t.present
from (select to_regclass('public.user_credits') is not null as present) t
on conflict do nothing;

-- This section creates the tables ----------------------------------------------------------------------------------------------------

-- The columns that change have no index, and every page has free space. PostgreSQL can therefore update balances without changing an index
-- (heap-only tuples).
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

-- There are no foreign keys, because the ledger entries of a deleted user must remain. The function credits_audit() checks the references.
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
    actor text default coalesce(nullif(current_setting('role', true), 'none'), session_user),
    reason text,
    metadata jsonb check (octet_length(metadata::text) <= 4096),
    created_at timestamptz not null,
    unique (user_id, version)
);
comment on table public.credit_ledger is 'Append-only: one row for each version of an account. The balance is the sum of the amounts.';
comment on column public.credit_ledger.held_delta is
    'Change of the held credits: positive for a hold, negative for the entry that closes it.';
comment on column public.credit_ledger.balance_after is 'user_credits.credits after this entry.';
comment on column public.credit_ledger.idempotency_key is
    'Set on consume, capture, grant and refund entries and on adjust entries of operators only, and kept for ever.';
comment on column public.credit_ledger.refers_to is 'The hold that this entry closes, or the entry that this refund returns.';
comment on column public.credit_ledger.actor is
    'The operator of an adjust_credits() entry, else the database role of the request or the user of the database session.';

create unique index if not exists credit_ledger_key on public.credit_ledger (user_id, idempotency_key)
    where idempotency_key is not null;

-- The unique indexes ensure that at most one entry closes a hold, and that a reservation is captured at most once. The last index finds the
-- refunds of an entry.
create unique index if not exists credit_ledger_closing on public.credit_ledger (refers_to) where held_delta < 0;
create unique index if not exists credit_ledger_capture on public.credit_ledger (reservation_id) where kind = 'capture';
create unique index if not exists credit_ledger_refunds on public.credit_ledger (refers_to, id) where kind = 'refund';

create table if not exists public.credit_reservations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null,
    idempotency_key text not null check (length(idempotency_key) between 1 and 255),
    fingerprint text,
    attempt integer not null check (attempt >= 1),
    lease_owner uuid,
    amount bigint not null check (amount >= 0),
    captured bigint not null default 0 check (captured between 0 and amount),
    state text not null check (state in ('held', 'running', 'captured', 'released', 'expired')),
    expires_at timestamptz not null,
    hold_entry bigint,
    response_status integer,
    response_content_type text,
    response_location text,
    response_headers jsonb check (length(response_headers::text) <= 32768),
    response_body bytea check (octet_length(response_body) <= 1048576),
    created_at timestamptz not null,
    closed_at timestamptz,
    unique (user_id, idempotency_key),
    check ((hold_entry is null) = (amount = 0)),
    check (case state when 'held' then amount > 0 when 'running' then amount = 0 else true end)
) with (fillfactor = 70);
comment on table public.credit_reservations is
    'One row for each idempotency key. A key whose reservation was released or expired may be reserved again as the next attempt.';
comment on column public.credit_reservations.attempt is 'Fencing token: only the current attempt may extend, capture or release.';
comment on column public.credit_reservations.lease_owner is
    'The request that works on the reservation; null for a reservation of host code.';
comment on column public.credit_reservations.amount is
    'The held credits; 0 for a reservation without a price, which only protects its key and needs no account.';
comment on column public.credit_reservations.state is 'An open reservation is held, or running if it has no price.';
comment on column public.credit_reservations.hold_entry is
    'The ledger entry of the latest hold; null for a reservation without a price.';
comment on column public.credit_reservations.response_body is 'The stored response body; cleared 24 hours after the capture.';
comment on column public.credit_reservations.response_headers is 'The stored headers; cleared with the body.';
comment on column public.credit_reservations.response_location is
    'The address of the result; cleared with the body if the reservation has no price.';

-- The columns of each index have the order in which the queries need them. The indexes are unique, because the performance advisor of
-- Supabase reports a non-unique index as unused until it is read for the first time.
create unique index if not exists credit_reservations_held on public.credit_reservations (user_id, expires_at, id) where state = 'held';
create unique index if not exists credit_reservations_due on public.credit_reservations (expires_at, id) where state = 'held';
create unique index if not exists credit_reservations_running on public.credit_reservations (expires_at, id) where state = 'running';
create unique index if not exists credit_reservations_responses on public.credit_reservations (closed_at, id)
    where response_body is not null or response_headers is not null or amount = 0 and response_location is not null;
create unique index if not exists credit_reservations_priceless on public.credit_reservations (coalesce(closed_at, expires_at), id)
    where amount = 0;

-- An existing table usage_logs of the host is not changed.
create table if not exists public.usage_logs (
    id bigint generated always as identity primary key,
    user_id uuid not null,
    action text not null,
    credits bigint not null,
    ledger_id bigint,
    created_at timestamptz not null
);

-- This section creates functions that only the migrations call -----------------------------------------------------------------------

create or replace function session_recovery.owns_usage_logs() returns boolean
language plpgsql stable set search_path = '' as $$
begin
    return exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.usage_logs') and attname = 'ledger_id' and atttypid = 'bigint'::regtype
          and not attisdropped);
end
$$;
comment on function session_recovery.owns_usage_logs is
    'Returns whether public.usage_logs has the ledger''s columns. A usage_logs of the host is neither written nor read.';

create or replace procedure session_recovery.secure_functions()
language plpgsql set search_path = '' as $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure from pg_catalog.pg_proc p
        where p.pronamespace = 'session_recovery'::regnamespace and p.proowner <> 'session_recovery_owner'::regrole
    loop
        execute format('alter routine %s owner to session_recovery_owner', v_function);
        execute format('revoke all on routine %s from public, anon, authenticated, service_role', v_function);
    end loop;
end
$$;
comment on procedure session_recovery.secure_functions is
    'Gives the new private functions to session_recovery_owner and revokes the default EXECUTE grants. Each migration calls it.';

-- This section sets the access rights of the tables ----------------------------------------------------------------------------------

create or replace function session_recovery.reject_ledger_change() returns trigger
language plpgsql set search_path = '' as $$
begin
    raise exception 'credit_ledger is append-only: % is not allowed.', tg_op using errcode = '42501';
end
$$;
comment on function session_recovery.reject_ledger_change is 'Trigger of credit_ledger: rejects UPDATE, DELETE and TRUNCATE.';

create or replace trigger credit_ledger_append_only before update or delete or truncate on public.credit_ledger
for each statement execute function session_recovery.reject_ledger_change();

-- The default privileges of Supabase give every role all rights on a new table. The default rights are revoked, and users may read only
-- their own rows.
do $$
declare
    v_table text;
begin
    for v_table in
        select t.name
        from unnest(array['user_credits', 'credit_ledger', 'credit_reservations', 'usage_logs']) as t (name)
        where (t.name <> 'user_credits' or not (select adopted from session_recovery.settings))
          and (t.name <> 'usage_logs' or session_recovery.owns_usage_logs())
    loop
        execute format('alter table public.%I owner to session_recovery_owner', v_table);
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on table public.%I from public, anon, authenticated, service_role', v_table);
        execute format('grant select on table public.%I to authenticated, service_role', v_table);
        execute format('drop policy if exists %I on public.%I', v_table || '_own_rows', v_table);
        execute format(
            'create policy %I on public.%I for select to authenticated using (user_id = (select auth.uid()))',
            v_table || '_own_rows', v_table);
        if v_table in ('credit_ledger', 'usage_logs') then
            execute format(
                'revoke all on sequence %s from public, anon, authenticated, service_role',
                pg_get_serial_sequence('public.' || v_table, 'id'));
        end if;
    end loop;
end
$$;

-- Creates the index for recently active users, and adds comments to the two tables that may belong to the host.
do $$
begin
    if session_recovery.owns_usage_logs() then
        create unique index if not exists usage_logs_created_at on public.usage_logs (created_at, user_id, id);
        comment on table public.usage_logs is 'Activity of the users, written with each change. A balance is never computed from it.';
    else
        create unique index if not exists credit_ledger_activity on public.credit_ledger (created_at, user_id, id)
            where kind in ('init', 'consume', 'capture', 'adjust');
    end if;

    if not (select adopted from session_recovery.settings) then
        comment on table public.user_credits is 'One account for each user. The row is the lock of everything that belongs to the user.';
        comment on column public.user_credits.credits is 'The balance: the sum of the user''s ledger entries, including what is held.';
        comment on column public.user_credits.held is 'Credits of open reservations. credits - held is available.';
        comment on column public.user_credits.version is 'Increases by one with each change of credits or held.';
        comment on column public.user_credits.next_hold_expiry is 'The earliest expiry of an open reservation.';
    end if;
end
$$;

alter table session_recovery.migrations owner to session_recovery_owner;
alter table session_recovery.settings owner to session_recovery_owner;
alter table session_recovery.active_users owner to session_recovery_owner;
revoke all on all tables in schema session_recovery from public, anon, authenticated, service_role;
call session_recovery.secure_functions();
revoke create on schema public from session_recovery_owner;

insert into session_recovery.migrations (name) values ('20260801000100_session_recovery_tables') on conflict do nothing;
