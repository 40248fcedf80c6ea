-- SessionRecovery's ledger, 2 of 3: the functions.
-- Three layers: tables that nobody may write <- functions in session_recovery, SECURITY DEFINER, of a role without rights elsewhere <-
-- thin functions in public, which are what PostgREST offers. Everything below pg_catalog is named with its schema: search_path is empty.
--
-- Every command goes the same way: validate, lock the user's row, look up the key, end the holds that are due, check, write, answer.
-- The user's row always comes first, so there is no deadlock; READ COMMITTED takes a new snapshot per statement, so the second of two
-- calls with one key sees the first.

grant usage, create on schema public to session_recovery_owner;
grant create on schema session_recovery to session_recovery_owner;

-- The one source of time. Tests replace it.
create or replace function session_recovery.now() returns timestamptz
language plpgsql volatile set search_path = '' as $$
begin
    return clock_timestamp();
end
$$;

-- One user's account within one command: what the row says, when it was locked, and the last ledger row that was written.
do $$
begin
    if to_regtype('session_recovery.book') is null then
        create type session_recovery.book as (
            user_id uuid,
            credits bigint,
            held bigint,
            version bigint,
            next_hold_expiry timestamptz,
            opened_at timestamptz,
            incarnation text,
            entry bigint
        );
    end if;
end
$$;

-- Who asks, by the verified token. No identity is an error and never a trusted caller: anon has none either.
create or replace function session_recovery.claimed_user() returns uuid
language plpgsql stable set search_path = '' as $$
declare
    v_user text := nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub';
begin
    if v_user is null or v_user !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        raise exception 'The request has no user.' using errcode = '42501';
    end if;
    return v_user::uuid;
end
$$;

create or replace function session_recovery.check_arguments(p_user uuid, p_amount bigint, p_key text) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user is missing.' using errcode = '22023';
    elsif p_amount is null or p_amount < 1 or p_amount > 9007199254740991 then
        raise exception 'p_amount must be from 1 to 2^53 - 1.' using errcode = '22023';
    elsif p_key is null or length(p_key) not between 1 and 255 then
        raise exception 'p_key must have 1 to 255 characters.' using errcode = '22023';
    end if;
end
$$;

create or replace function session_recovery.check_hold(p_user uuid, p_reservation uuid, p_attempt integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_user is null or p_reservation is null then
        raise exception 'p_user or p_reservation is missing.' using errcode = '22023';
    elsif p_attempt is null or p_attempt < 1 then
        raise exception 'p_attempt must be 1 or more.' using errcode = '22023';
    end if;
end
$$;

create or replace function session_recovery.check_limits(p_amount bigint, p_ttl_seconds numeric) returns void
language plpgsql stable set search_path = '' as $$
declare
    v_settings session_recovery.settings;
begin
    select * into v_settings from session_recovery.settings;
    if p_amount > v_settings.max_amount then
        raise exception 'p_amount must be % or less.', v_settings.max_amount using errcode = '22023';
    elsif p_ttl_seconds is null or p_ttl_seconds <= 0 or p_ttl_seconds > extract(epoch from v_settings.max_hold) then
        raise exception 'p_ttl_seconds must be more than 0 and % or less.', extract(epoch from v_settings.max_hold)::bigint using errcode = '22023';
    end if;
end
$$;

-- For the book: which role's request it was, or who is connected.
create or replace function session_recovery.actor() returns text
language plpgsql stable set search_path = '' as $$
begin
    return coalesce(nullif(current_setting('role', true), 'none'), session_user);
end
$$;

-- Writes the next version of the account: one row in the ledger. The user's row is written once, by session_recovery.close_book().
create or replace function session_recovery.append(
    p_book session_recovery.book, p_kind text, p_amount bigint, p_held_delta bigint default 0, p_key text default null,
    p_fingerprint text default null, p_reservation uuid default null, p_refers_to bigint default null, p_reason text default null,
    p_metadata jsonb default null)
returns session_recovery.book
language plpgsql volatile set search_path = '' as $$
begin
    p_book.credits := p_book.credits + p_amount;
    p_book.held := p_book.held + p_held_delta;
    p_book.version := p_book.version + 1;
    insert into public.credit_ledger (
        user_id, version, kind, amount, held_delta, balance_after, idempotency_key, fingerprint, reservation_id, refers_to, actor, reason, metadata, created_at)
    values (
        p_book.user_id, p_book.version, p_kind, p_amount, p_held_delta, p_book.credits, p_key, p_fingerprint, p_reservation, p_refers_to,
        session_recovery.actor(), p_reason, p_metadata, p_book.opened_at)
    returning id into p_book.entry;
    return p_book;
end
$$;

-- Ends a hold by giving its credits back. The caller looks for the next expiry when it has ended all it wants to.
create or replace function session_recovery.end_hold(
    p_book session_recovery.book, p_reservation uuid, p_amount bigint, p_hold_entry bigint, p_kind text, p_state text)
returns session_recovery.book
language plpgsql volatile set search_path = '' as $$
begin
    update public.credit_reservations set state = p_state, closed_at = p_book.opened_at where id = p_reservation;
    return session_recovery.append(p_book, p_kind, 0, -p_amount, p_reservation => p_reservation, p_refers_to => p_hold_entry);
end
$$;

create or replace function session_recovery.next_expiry(p_user uuid) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
    return (select min(expires_at) from public.credit_reservations where user_id = p_user and state = 'held');
end
$$;

create or replace function session_recovery.end_due_holds(p_book session_recovery.book) returns session_recovery.book
language plpgsql volatile set search_path = '' as $$
declare
    v_hold record;
begin
    for v_hold in
        select id, amount, hold_entry from public.credit_reservations
        where user_id = p_book.user_id and state = 'held' and expires_at <= p_book.opened_at
        order by expires_at, id
    loop
        p_book := session_recovery.end_hold(p_book, v_hold.id, v_hold.amount, v_hold.hold_entry, 'expire', 'expired');
    end loop;
    p_book.next_hold_expiry := session_recovery.next_expiry(p_book.user_id);
    return p_book;
end
$$;

-- Locks the user's row and ends the holds that are due; user_id is null where there is no account. The time is taken with the lock in
-- hand: a wait for it must not make a lapsed hold look alive.
create or replace function session_recovery.open_book(p_user uuid) returns session_recovery.book
language plpgsql volatile set search_path = '' as $$
declare
    v_book session_recovery.book;
begin
    select u.user_id, u.credits, u.held, u.version, u.next_hold_expiry, null::timestamptz, s.incarnation, null::bigint into v_book
    from public.user_credits u cross join session_recovery.settings s
    where u.user_id = p_user
    for update of u;
    if found then
        v_book.opened_at := session_recovery.now();
        if v_book.next_hold_expiry <= v_book.opened_at then
            v_book := session_recovery.end_due_holds(v_book);
        end if;
    end if;
    return v_book;
end
$$;

create or replace function session_recovery.answer(p_book session_recovery.book, p_outcome text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
    return jsonb_build_object(
        'outcome', p_outcome,
        'available', p_book.credits - p_book.held,
        'held', p_book.held,
        'version', p_book.version,
        'as_of', p_book.opened_at,
        'incarnation', p_book.incarnation,
        'hold_expires_in', extract(epoch from p_book.next_hold_expiry - p_book.opened_at));
end
$$;

-- Writes the user's row if it changed, and answers with the balance.
create or replace function session_recovery.close_book(p_book session_recovery.book, p_outcome text) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
    update public.user_credits
    set credits = p_book.credits, held = p_book.held, version = p_book.version, next_hold_expiry = p_book.next_hold_expiry, updated_at = p_book.opened_at
    where user_id = p_book.user_id
      and (version <> p_book.version or next_hold_expiry is distinct from p_book.next_hold_expiry);
    return session_recovery.answer(p_book, p_outcome);
end
$$;

-- A balance as it is now, without a lock. Holds that are due count as released, each as the version that the next command will write.
create or replace function session_recovery.read_balance(p_user uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_book session_recovery.book;
    v_due bigint;
    v_freed bigint;
begin
    select u.user_id, u.credits, u.held, u.version, u.next_hold_expiry, v_now, s.incarnation, null::bigint into v_book
    from public.user_credits u cross join session_recovery.settings s
    where u.user_id = p_user;
    if not found then
        return jsonb_build_object('outcome', 'not_initialised');
    end if;
    if v_book.next_hold_expiry <= v_now then
        select count(*) filter (where expires_at <= v_now), coalesce(sum(amount) filter (where expires_at <= v_now), 0), min(expires_at) filter (where expires_at > v_now)
        into v_due, v_freed, v_book.next_hold_expiry
        from public.credit_reservations where user_id = p_user and state = 'held';
        v_book.held := v_book.held - v_freed;
        v_book.version := v_book.version + v_due;
    end if;
    return session_recovery.answer(v_book, 'ok');
end
$$;

-- Opens an account with the store's own amount, once for each user: who had one before that went gets nothing a second time.
create or replace function session_recovery.initialise(p_user uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_amount bigint;
begin
    if p_user is null then
        raise exception 'p_user is missing.' using errcode = '22023';
    end if;
    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        select initial_amount, incarnation into v_amount, v_book.incarnation from session_recovery.settings;
        if v_amount is null then
            return jsonb_build_object('outcome', 'not_initialised');
        end if;

        insert into public.user_credits (user_id, credits, version) values (p_user, 0, 0) on conflict (user_id) do nothing;
        if found then
            v_book.user_id := p_user;
            v_book.credits := 0;
            v_book.held := 0;
            v_book.opened_at := session_recovery.now();
            select coalesce(max(version), 0) into v_book.version from public.credit_ledger where user_id = p_user;
            if v_book.version = 0 then
                v_book := session_recovery.append(v_book, 'init', v_amount);
                perform session_recovery.note(p_user, 'init', v_amount, v_book.entry, v_book.opened_at);
            else
                v_book := session_recovery.append(v_book, 'adjust', 0, p_reason => 'account opened again');
            end if;
            return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('created', true, 'replayed', false);
        end if;
        v_book := session_recovery.open_book(p_user);
        if v_book.user_id is null then
            return jsonb_build_object('outcome', 'not_initialised');
        end if;
    end if;
    return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('created', false, 'replayed', true);
end
$$;

-- The activity log, which hands the ledger row's id on, and who was active: from usage_logs where it is ours, else the ledger tells.
do $$
begin
    if exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.usage_logs') and attname = 'ledger_id' and atttypid = 'bigint'::regtype and not attisdropped) then
        create or replace function session_recovery.note(p_user uuid, p_action text, p_credits bigint, p_entry bigint, p_at timestamptz) returns bigint
        language plpgsql volatile set search_path = '' as $body$
        begin
            insert into public.usage_logs (user_id, action, credits, ledger_id, created_at) values (p_user, p_action, p_credits, p_entry, p_at);
            return p_entry;
        end
        $body$;

        create or replace function session_recovery.active_users(p_limit integer, p_since timestamptz) returns table (user_id uuid, last_at timestamptz)
        language plpgsql stable set search_path = '' as $body$
        begin
            return query
                select l.user_id, max(l.created_at) from public.usage_logs l
                where l.created_at >= p_since and exists (select from public.user_credits u where u.user_id = l.user_id)
                group by l.user_id order by max(l.created_at) desc, l.user_id desc limit p_limit;
        end
        $body$;
    else
        create or replace function session_recovery.note(p_user uuid, p_action text, p_credits bigint, p_entry bigint, p_at timestamptz) returns bigint
        language plpgsql volatile set search_path = '' as $body$
        begin
            -- The ledger has it already.
            return p_entry;
        end
        $body$;

        create or replace function session_recovery.active_users(p_limit integer, p_since timestamptz) returns table (user_id uuid, last_at timestamptz)
        language plpgsql stable set search_path = '' as $body$
        begin
            return query
                select l.user_id, max(l.created_at) from public.credit_ledger l
                where l.created_at >= p_since and l.kind in ('init', 'consume', 'capture', 'adjust') and l.reason is distinct from 'adopted'
                  and exists (select from public.user_credits u where u.user_id = l.user_id)
                group by l.user_id order by max(l.created_at) desc, l.user_id desc limit p_limit;
        end
        $body$;
    end if;
end
$$;

-- What a key was used for and for how much: a ledger row that carries it, or a hold.
create or replace function session_recovery.find_use(p_user uuid, p_key text, out kind text, out amount bigint, out entry bigint, out refers_to bigint)
language plpgsql stable set search_path = '' as $$
begin
    select l.kind, l.amount, l.id, l.refers_to into kind, amount, entry, refers_to
    from public.credit_ledger l where l.user_id = p_user and l.idempotency_key = p_key;
    if not found and exists (select from public.credit_reservations r where r.user_id = p_user and r.idempotency_key = p_key) then
        kind := 'hold';
    end if;
end
$$;

-- Spends. Nearly always the short way: the update is the lock, and what was free when the statement began is free if the account has not
-- moved since. If it has (another call for this user waited for the row or was waited for), the key is looked up once more, and a change
-- that must not be is taken back before anyone could see it. Whatever the short way does not do, the long way decides.
-- (One statement writes both books, so that a commit is all that is waited for; which books there are is known here.)
do $do$
begin
    execute replace($function$
create or replace function session_recovery.consume(p_user uuid, p_amount bigint, p_key text, p_reason text, p_metadata jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $body$
declare
    v_credits bigint;
    v_held bigint;
    v_version bigint;
    v_next_hold_expiry timestamptz;
    v_now timestamptz;
    v_incarnation text;
    v_moved boolean;
    v_answer jsonb;
    v_book session_recovery.book;
    v_use record;
begin
    if (p_user is not null and p_amount between 1 and 9007199254740991 and length(p_key) between 1 and 255
        and coalesce(length(p_reason), 0) <= 200 and coalesce(octet_length(p_metadata::text), 0) <= 4096) is not true then
        perform session_recovery.check_arguments(p_user, p_amount, p_key);
        raise exception 'p_reason may have 200 characters, p_metadata 4 KiB.' using errcode = '22023';
    end if;

    update public.user_credits u
    set credits = u.credits - p_amount, version = u.version + 1, updated_at = s.at
    from (select session_recovery.now() as at, incarnation, max_amount from session_recovery.settings offset 0) s
    where u.user_id = p_user
      and u.credits - u.held >= p_amount
      and p_amount <= s.max_amount
      and (u.next_hold_expiry is null or u.next_hold_expiry > s.at)
      and not exists (select from public.credit_ledger k where k.user_id = p_user and k.idempotency_key = p_key)
      and not exists (select from public.credit_reservations r where r.user_id = p_user and r.idempotency_key = p_key)
    returning u.credits, u.held, u.version, u.next_hold_expiry, s.at, s.incarnation,
        u.version <> 1 + (select c.version from public.user_credits c where c.user_id = p_user)
    into v_credits, v_held, v_version, v_next_hold_expiry, v_now, v_incarnation, v_moved;
    if v_moved then
        v_use := session_recovery.find_use(p_user, p_key);
        if v_use.kind is not null then
            update public.user_credits set credits = credits + p_amount, version = version - 1 where user_id = p_user;
            v_moved := null;
        end if;
    end if;
    if v_moved is not null then
        with entry as (
            insert into public.credit_ledger (user_id, version, kind, amount, balance_after, idempotency_key, actor, reason, metadata, created_at)
            values (p_user, v_version, 'consume', -p_amount, v_credits, p_key,
                coalesce(nullif(current_setting('role', true), 'none'), session_user), p_reason, p_metadata, v_now)
            returning id)/* logged */
        select jsonb_build_object(
            'outcome', 'ok',
            'available', v_credits - v_held,
            'held', v_held,
            'version', v_version,
            'as_of', v_now,
            'incarnation', v_incarnation,
            'hold_expires_in', extract(epoch from v_next_hold_expiry - v_now),
            'ledger_id', entry.id,
            'replayed', false)
        into v_answer
        from entry;
        return v_answer;
    end if;

    perform session_recovery.check_limits(p_amount, 1);
    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'not_initialised');
    end if;

    v_use := session_recovery.find_use(p_user, p_key);
    if v_use.kind = 'consume' and v_use.amount = -p_amount then
        return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_use.entry, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.close_book(v_book, 'key_conflict');
    elsif v_book.credits - v_book.held < p_amount then
        return session_recovery.close_book(v_book, 'insufficient') || jsonb_build_object('required', p_amount);
    end if;

    v_book := session_recovery.append(v_book, 'consume', -p_amount, 0, p_key, p_reason => p_reason, p_metadata => p_metadata);
    perform session_recovery.note(p_user, 'consume', -p_amount, v_book.entry, v_book.opened_at);
    return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_book.entry, 'replayed', false);
end
$body$;
    $function$,
    '/* logged */',
    case when not exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.usage_logs') and attname = 'ledger_id' and atttypid = 'bigint'::regtype and not attisdropped) then '' else $logged$,
        logged as (
            insert into public.usage_logs (user_id, action, credits, ledger_id, created_at)
            select p_user, 'consume', -p_amount, id, v_now from entry)$logged$ end);
end
$do$;

create or replace function session_recovery.grant_amount(p_user uuid, p_amount bigint, p_key text, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_use record;
begin
    perform session_recovery.check_arguments(p_user, p_amount, p_key);
    perform session_recovery.check_limits(p_amount, 1);
    if length(p_reason) > 200 then
        raise exception 'p_reason may have 200 characters.' using errcode = '22023';
    end if;

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'not_initialised');
    end if;

    v_use := session_recovery.find_use(p_user, p_key);
    if v_use.kind = 'grant' and v_use.amount = p_amount then
        return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_use.entry, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.close_book(v_book, 'key_conflict');
    elsif v_book.credits > 9007199254740991 - p_amount then
        raise exception 'The balance must stay below 2^53.' using errcode = '22023';
    end if;

    v_book := session_recovery.append(v_book, 'grant', p_amount, 0, p_key, p_reason => p_reason);
    return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_book.entry, 'replayed', false);
end
$$;

-- Gives back what one row of the ledger took, in parts if need be, and never more than all of it.
create or replace function session_recovery.refund(p_user uuid, p_ledger_id bigint, p_amount bigint, p_key text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_use record;
    v_left bigint;
begin
    perform session_recovery.check_arguments(p_user, p_amount, p_key);
    if p_ledger_id is null then
        raise exception 'p_ledger_id is missing.' using errcode = '22023';
    end if;

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'not_initialised');
    end if;

    v_use := session_recovery.find_use(p_user, p_key);
    if v_use.kind = 'refund' and v_use.amount = p_amount and v_use.refers_to = p_ledger_id then
        return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_use.entry, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.close_book(v_book, 'key_conflict');
    end if;

    -- A row of another user is not there.
    select -l.amount - coalesce((select sum(r.amount) from public.credit_ledger r where r.refers_to = l.id and r.kind = 'refund'), 0) into v_left
    from public.credit_ledger l
    where l.id = p_ledger_id and l.user_id = p_user and l.kind in ('consume', 'capture');
    if not found then
        return session_recovery.close_book(v_book, 'no_such_entry');
    elsif v_left < p_amount then
        return session_recovery.close_book(v_book, 'exceeds_entry') || jsonb_build_object('refundable', v_left);
    elsif v_book.credits > 9007199254740991 - p_amount then
        raise exception 'The balance must stay below 2^53.' using errcode = '22023';
    end if;

    v_book := session_recovery.append(v_book, 'refund', p_amount, 0, p_key, p_refers_to => p_ledger_id);
    return session_recovery.close_book(v_book, 'ok') || jsonb_build_object('ledger_id', v_book.entry, 'replayed', false);
end
$$;

-- A hold -----------------------------------------------------------------------------------------------------------------------------

-- The answer that was paid for. Its body is kept for a day; a repeat that comes later finds it cleared.
create or replace function session_recovery.stored_response(p_hold public.credit_reservations, p_at timestamptz) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
    if p_hold.response_status is null then
        return null;
    end if;
    return jsonb_build_object(
        'status', p_hold.response_status,
        'content_type', p_hold.response_content_type,
        'location', p_hold.response_location,
        'body', case when p_hold.closed_at > p_at - interval '24 hours' then translate(encode(p_hold.response_body, 'base64'), E'\n', '') end);
end
$$;

-- Of two runners of one key only the one whose attempt is current may renew, pay or give back: null if it is this one's turn.
create or replace function session_recovery.refused_turn(p_hold public.credit_reservations, p_attempt integer) returns text
language plpgsql immutable set search_path = '' as $$
begin
    return case
        when p_hold.id is null or p_attempt > p_hold.attempt then 'already_closed'
        when p_attempt < p_hold.attempt then 'superseded'
    end;
end
$$;

create or replace function session_recovery.about(p_hold public.credit_reservations) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
    return jsonb_build_object('reservation_id', p_hold.id, 'attempt', p_hold.attempt);
end
$$;

create or replace function session_recovery.reserve(
    p_user uuid, p_amount bigint, p_key text, p_fingerprint text, p_ttl_seconds numeric, p_runner uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_hold public.credit_reservations;
begin
    perform session_recovery.check_arguments(p_user, p_amount, p_key);
    perform session_recovery.check_limits(p_amount, p_ttl_seconds);
    if length(p_fingerprint) > 128 then
        raise exception 'p_fingerprint may have 128 characters.' using errcode = '22023';
    end if;

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'not_initialised');
    end if;

    select * into v_hold from public.credit_reservations where user_id = p_user and idempotency_key = p_key;
    if found then
        if v_hold.amount <> p_amount or v_hold.fingerprint is distinct from p_fingerprint then
            return session_recovery.close_book(v_book, 'key_conflict');
        elsif v_hold.state = 'captured' then
            return session_recovery.close_book(v_book, 'captured') || session_recovery.about(v_hold)
                || jsonb_build_object('replayed', true, 'response', session_recovery.stored_response(v_hold, v_book.opened_at));
        elsif v_hold.state = 'held' and v_hold.runner is not distinct from p_runner then
            -- The caller itself, whose first answer was lost.
            return session_recovery.close_book(v_book, 'held') || session_recovery.about(v_hold) || jsonb_build_object('replayed', true);
        elsif v_hold.state = 'held' then
            return session_recovery.close_book(v_book, 'in_progress')
                || jsonb_build_object('retry_after', extract(epoch from v_hold.expires_at - v_book.opened_at));
        end if;
    elsif exists (select from public.credit_ledger where user_id = p_user and idempotency_key = p_key) then
        return session_recovery.close_book(v_book, 'key_conflict');
    end if;

    if v_book.credits - v_book.held < p_amount then
        return session_recovery.close_book(v_book, 'insufficient') || jsonb_build_object('required', p_amount);
    end if;

    v_hold.id := coalesce(v_hold.id, gen_random_uuid());
    v_hold.attempt := coalesce(v_hold.attempt, 0) + 1;
    v_hold.expires_at := v_book.opened_at + make_interval(secs => p_ttl_seconds::double precision);
    v_book := session_recovery.append(v_book, 'hold', 0, p_amount, p_fingerprint => p_fingerprint, p_reservation => v_hold.id);
    v_book.next_hold_expiry := least(v_book.next_hold_expiry, v_hold.expires_at);
    insert into public.credit_reservations (
        id, user_id, idempotency_key, fingerprint, attempt, runner, amount, state, expires_at, hold_entry, created_at)
    values (
        v_hold.id, p_user, p_key, p_fingerprint, v_hold.attempt, p_runner, p_amount, 'held', v_hold.expires_at, v_book.entry, v_book.opened_at)
    on conflict (id) do update
    set attempt = excluded.attempt, runner = excluded.runner, state = 'held', expires_at = excluded.expires_at,
        hold_entry = excluded.hold_entry, closed_at = null;
    return session_recovery.close_book(v_book, 'held') || session_recovery.about(v_hold) || jsonb_build_object('replayed', false);
end
$$;

create or replace function session_recovery.extend(p_user uuid, p_reservation uuid, p_attempt integer, p_ttl_seconds numeric) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_hold public.credit_reservations;
    v_refusal text;
begin
    perform session_recovery.check_hold(p_user, p_reservation, p_attempt);
    perform session_recovery.check_limits(null, p_ttl_seconds);

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        -- Who has no account has no hold; a foreign one looks like a missing one.
        return jsonb_build_object('outcome', 'already_closed');
    end if;

    select * into v_hold from public.credit_reservations where id = p_reservation and user_id = p_user;
    v_refusal := session_recovery.refused_turn(v_hold, p_attempt);
    if v_refusal is not null then
        return session_recovery.close_book(v_book, v_refusal);
    elsif v_hold.state not in ('held', 'expired') then
        return session_recovery.close_book(v_book, 'already_closed') || session_recovery.about(v_hold);
    elsif v_hold.state = 'expired' then
        if v_book.credits - v_book.held < v_hold.amount then
            return session_recovery.close_book(v_book, 'expired') || session_recovery.about(v_hold) || jsonb_build_object('required', v_hold.amount);
        end if;
        v_book := session_recovery.append(v_book, 'hold', 0, v_hold.amount, p_fingerprint => v_hold.fingerprint, p_reservation => v_hold.id);
        v_hold.hold_entry := v_book.entry;
    end if;

    update public.credit_reservations
    set state = 'held', expires_at = v_book.opened_at + make_interval(secs => p_ttl_seconds::double precision), hold_entry = v_hold.hold_entry, closed_at = null
    where id = v_hold.id;
    v_book.next_hold_expiry := session_recovery.next_expiry(p_user);
    return session_recovery.close_book(v_book, 'held') || session_recovery.about(v_hold);
end
$$;

create or replace function session_recovery.capture(p_user uuid, p_reservation uuid, p_attempt integer, p_amount bigint, p_response jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_hold public.credit_reservations;
    v_refusal text;
    v_amount bigint;
    v_status integer := (p_response ->> 'status')::integer;
    v_body bytea := decode(p_response ->> 'body', 'base64');
begin
    perform session_recovery.check_hold(p_user, p_reservation, p_attempt);
    if p_amount < 1 then
        raise exception 'p_amount must be 1 or more.' using errcode = '22023';
    elsif p_response is not null and (v_status is null or v_status not between 200 and 399)
        or length(p_response ->> 'content_type') > 255 or length(p_response ->> 'location') > 2048 or octet_length(v_body) > 65536 then
        raise exception 'p_response must have a status of 200 to 399 and may have 255 characters of content_type, 2048 of location, 64 KiB of body.'
            using errcode = '22023';
    end if;

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'already_closed');
    end if;

    select * into v_hold from public.credit_reservations where id = p_reservation and user_id = p_user;
    v_refusal := session_recovery.refused_turn(v_hold, p_attempt);
    v_amount := coalesce(p_amount, v_hold.amount);
    if v_refusal is not null then
        return session_recovery.close_book(v_book, v_refusal);
    elsif v_hold.state = 'captured' then
        return session_recovery.close_book(v_book, 'captured') || session_recovery.about(v_hold)
            || jsonb_build_object('replayed', true, 'response', session_recovery.stored_response(v_hold, v_book.opened_at));
    elsif v_hold.state = 'released' then
        return session_recovery.close_book(v_book, 'already_closed') || session_recovery.about(v_hold);
    elsif v_amount > v_hold.amount then
        return session_recovery.close_book(v_book, 'exceeds_hold') || session_recovery.about(v_hold);
    elsif v_hold.state = 'expired' and v_book.credits - v_book.held < v_amount then
        -- The work is done although its hold lapsed: it is paid if the balance suffices.
        return session_recovery.close_book(v_book, 'expired') || session_recovery.about(v_hold) || jsonb_build_object('required', v_amount);
    end if;

    -- Nothing is given back a second time: what lapsed was given back when it lapsed.
    v_book := session_recovery.append(
        v_book, 'capture', -v_amount, case v_hold.state when 'held' then -v_hold.amount else 0 end,
        v_hold.idempotency_key, v_hold.fingerprint, v_hold.id, v_hold.hold_entry);
    update public.credit_reservations
    set state = 'captured', captured = v_amount, closed_at = v_book.opened_at, response_status = v_status,
        response_content_type = p_response ->> 'content_type', response_location = p_response ->> 'location', response_body = v_body
    where id = v_hold.id;
    if v_book.next_hold_expiry is not null then
        v_book.next_hold_expiry := session_recovery.next_expiry(p_user);
    end if;
    perform session_recovery.note(p_user, 'capture', -v_amount, v_book.entry, v_book.opened_at);

    -- A body that comes takes a few along that nobody will ask for any more, so that what is kept stays bounded.
    if v_body is not null then
        perform session_recovery.clear_old_bodies(v_book.opened_at, 4);
    end if;
    return session_recovery.close_book(v_book, 'captured') || session_recovery.about(v_hold)
        || jsonb_build_object('replayed', false, 'response', p_response);
end
$$;

-- Of whichever users: only rows that are paid, which no command locks first, and none that another holds.
create or replace function session_recovery.clear_old_bodies(p_at timestamptz, p_batch integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
    update public.credit_reservations set response_body = null
    where id in (
        select id from public.credit_reservations
        where response_body is not null and closed_at <= p_at - interval '24 hours'
        order by closed_at limit p_batch
        for update skip locked);
end
$$;

create or replace function session_recovery.release(p_user uuid, p_reservation uuid, p_attempt integer) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_hold public.credit_reservations;
    v_refusal text;
begin
    perform session_recovery.check_hold(p_user, p_reservation, p_attempt);

    v_book := session_recovery.open_book(p_user);
    if v_book.user_id is null then
        return jsonb_build_object('outcome', 'already_closed');
    end if;

    select * into v_hold from public.credit_reservations where id = p_reservation and user_id = p_user;
    v_refusal := session_recovery.refused_turn(v_hold, p_attempt);
    if v_refusal is not null then
        return session_recovery.close_book(v_book, v_refusal);
    elsif v_hold.state = 'captured' then
        return session_recovery.close_book(v_book, 'already_closed') || session_recovery.about(v_hold);
    elsif v_hold.state = 'held' then
        v_book := session_recovery.end_hold(v_book, v_hold.id, v_hold.amount, v_hold.hold_entry, 'release', 'released');
        v_book.next_hold_expiry := session_recovery.next_expiry(p_user);
        return session_recovery.close_book(v_book, 'released') || session_recovery.about(v_hold) || jsonb_build_object('replayed', false);
    elsif v_hold.state = 'expired' then
        -- The credits are back already; what ends now is the right to a late capture.
        update public.credit_reservations set state = 'released', closed_at = v_book.opened_at where id = v_hold.id;
    end if;
    return session_recovery.close_book(v_book, 'released') || session_recovery.about(v_hold) || jsonb_build_object('replayed', true);
end
$$;

-- Tidies up. It waits for nobody, so any number of nodes may run it.
create or replace function session_recovery.expire(p_batch integer) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_user uuid;
    v_count integer := 0;
begin
    if p_batch is null or p_batch not between 1 and 10000 then
        raise exception 'p_batch must be from 1 to 10000.' using errcode = '22023';
    end if;
    for v_user in
        select distinct d.user_id
        from (select user_id from public.credit_reservations where state = 'held' and expires_at <= v_now order by expires_at limit p_batch) d
    loop
        if exists (select from public.user_credits where user_id = v_user for update skip locked) then
            perform session_recovery.close_book(session_recovery.open_book(v_user), 'ok');
            v_count := v_count + 1;
        end if;
    end loop;
    perform session_recovery.clear_old_bodies(v_now, p_batch);
    return jsonb_build_object('outcome', 'ok', 'users', v_count);
end
$$;

-- Reading ----------------------------------------------------------------------------------------------------------------------------

create or replace function session_recovery.my_balance() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return session_recovery.read_balance(session_recovery.claimed_user());
end
$$;

create or replace function session_recovery.user_balance(p_user uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user is missing.' using errcode = '22023';
    end if;
    return session_recovery.read_balance(p_user);
end
$$;

create or replace function session_recovery.initialise_mine() returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
    return session_recovery.initialise(session_recovery.claimed_user());
end
$$;

create or replace function session_recovery.initialise_user(p_user uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
    return session_recovery.initialise(p_user);
end
$$;

create or replace function session_recovery.my_history(p_before_version bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_user uuid := session_recovery.claimed_user();
    v_entries jsonb;
    v_count bigint;
    v_last bigint;
begin
    if p_limit is null or p_limit not between 1 and 500 then
        raise exception 'p_limit must be from 1 to 500.' using errcode = '22023';
    end if;
    select coalesce(jsonb_agg(to_jsonb(e) order by e.version desc), '[]'), count(*), min(e.version)
    into v_entries, v_count, v_last
    from (
        select l.id, l.version, l.kind, l.amount, l.held_delta, l.balance_after, l.reservation_id, l.refers_to, l.reason, l.metadata, l.created_at
        from public.credit_ledger l
        where l.user_id = v_user and l.version < coalesce(p_before_version, 9223372036854775807)
        order by l.version desc limit p_limit) e;
    return jsonb_build_object(
        'outcome', 'ok', 'entries', v_entries, 'next_before_version', case when v_count = p_limit and v_last > 1 then v_last end);
end
$$;

create or replace function session_recovery.snapshot(p_limit integer, p_since timestamptz) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_users jsonb;
begin
    if p_limit is null or p_limit not between 1 and 10000 then
        raise exception 'p_limit must be from 1 to 10000.' using errcode = '22023';
    end if;
    -- Due holds count as released, as in session_recovery.read_balance().
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'user_id', a.user_id,
                'available', u.credits::bigint - u.held + coalesce(d.freed, 0),
                'held', u.held - coalesce(d.freed, 0),
                'version', u.version + coalesce(d.rows, 0),
                'hold_expires_in', extract(epoch from case when u.next_hold_expiry <= v_now then d.next else u.next_hold_expiry end - v_now))
            order by a.last_at desc, a.user_id desc),
        '[]')
    into v_users
    from session_recovery.active_users(p_limit, coalesce(p_since, '-infinity')) a
    join public.user_credits u on u.user_id = a.user_id
    left join lateral (
        select count(*) filter (where r.expires_at <= v_now) as rows,
               sum(r.amount) filter (where r.expires_at <= v_now)::bigint as freed,
               min(r.expires_at) filter (where r.expires_at > v_now) as next
        from public.credit_reservations r
        where r.user_id = u.user_id and r.state = 'held') d on u.next_hold_expiry <= v_now;
    return jsonb_build_object(
        'outcome', 'ok', 'users', v_users, 'as_of', v_now, 'incarnation', (select incarnation from session_recovery.settings));
end
$$;

-- The invariants of the books as queries; each counts what breaks it. An account that went leaves a book that ends at nothing.
create or replace function session_recovery.audit() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_faults jsonb;
begin
    select coalesce(jsonb_agg(format('In %s place(s) %s.', c.places, c.fault)), '[]') into v_faults
    from (
        select 'credits differ from the sum of the ledger' as fault, count(*) as places
        from public.user_credits u
        where coalesce(u.credits, 0) <> (select coalesce(sum(l.amount), 0) from public.credit_ledger l where l.user_id = u.user_id)
        union all
        select 'held credits differ from the sum of the open holds', count(*)
        from public.user_credits u
        where u.held <> (select coalesce(sum(r.amount), 0) from public.credit_reservations r where r.user_id = u.user_id and r.state = 'held')
        union all
        select 'held credits differ from the sum of the ledger', count(*)
        from public.user_credits u
        where u.held <> (select coalesce(sum(l.held_delta), 0) from public.credit_ledger l where l.user_id = u.user_id)
        union all
        select 'less than nothing is available', count(*)
        from public.user_credits where held < 0 or credits - held < 0
        union all
        select 'the versions of the ledger have a gap or end elsewhere than the account', count(*)
        from (select user_id, count(*) as rows, min(version) as first, max(version) as last from public.credit_ledger group by user_id) l
        left join public.user_credits u on u.user_id = l.user_id
        where l.first <> 1 or l.last <> l.rows or l.last <> u.version
        union all
        select 'an account and its ledger are not both there',
            (select count(*) from public.user_credits u where not exists (select from public.credit_ledger l where l.user_id = u.user_id))
            + (select count(*) from (
                select l.user_id from public.credit_ledger l
                where not exists (select from public.user_credits u where u.user_id = l.user_id)
                group by l.user_id having sum(l.amount) <> 0 or sum(l.held_delta) <> 0) gone)
        union all
        select 'a ledger row''s balance does not follow from the row before', count(distinct user_id)
        from (
            select user_id, balance_after - amount as before, lag(balance_after, 1, 0::bigint) over (partition by user_id order by version) as expected
            from public.credit_ledger) steps
        where before <> expected
        union all
        select 'a hold has another number of ending rows than one, or none while it is open', count(*)
        from public.credit_ledger h
        left join public.credit_reservations r on r.id = h.reservation_id
        where h.kind = 'hold'
          and (select count(*) from public.credit_ledger e where e.refers_to = h.id and e.held_delta < 0 and e.held_delta = -h.held_delta)
              <> case when r.state = 'held' and r.hold_entry = h.id then 0 else 1 end
        union all
        select 'a ledger row ends a hold that there is not', count(*)
        from public.credit_ledger e
        where e.held_delta < 0
          and not exists (select from public.credit_ledger h where h.id = e.refers_to and h.kind = 'hold' and h.reservation_id = e.reservation_id)
        union all
        select 'a reservation has another hold than its ledger row says', count(*)
        from public.credit_reservations r
        where not exists (
            select from public.credit_ledger h
            where h.id = r.hold_entry and h.kind = 'hold' and h.reservation_id = r.id and h.held_delta = r.amount and h.user_id = r.user_id)
        union all
        select 'a captured reservation has another number of capture rows than one, or another amount', count(*)
        from public.credit_reservations r
        where (select count(*) from public.credit_ledger c where c.reservation_id = r.id and c.kind = 'capture')
                <> case r.state when 'captured' then 1 else 0 end
           or r.captured <> (select coalesce(-sum(c.amount), 0) from public.credit_ledger c where c.reservation_id = r.id and c.kind = 'capture')
        union all
        select 'the next expiry of a hold is not the earliest one', count(*)
        from public.user_credits u
        where u.next_hold_expiry is distinct from (
            select min(r.expires_at) from public.credit_reservations r where r.user_id = u.user_id and r.state = 'held')
        union all
        select 'a row was refunded with more than it took', count(*)
        from public.credit_ledger l
        where -l.amount < (select sum(r.amount) from public.credit_ledger r where r.refers_to = l.id and r.kind = 'refund')
    ) c
    where c.places > 0;
    return jsonb_build_object('outcome', 'ok', 'faults', v_faults);
end
$$;

-- How users could still write balances past the functions; only a table that was there before has such ways, until *contract*.
create or replace function session_recovery.user_write_paths() returns setof text
language plpgsql stable set search_path = '' as $$
begin
    return query
        select format('%s may %s on public.user_credits (%s)', g.grantee, lower(g.verb), coalesce('policy ' || p.names, 'row-level security is off'))
        from (
            select distinct t.relrowsecurity, coalesce(r.rolname, 'public') as grantee, x.grantee as role, x.privilege_type as verb,
                case x.privilege_type when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end as command
            from pg_catalog.pg_class t
            -- Rights may be given on the table or on a column of it.
            cross join lateral (
                select a.grantee, a.privilege_type from pg_catalog.aclexplode(t.relacl) a
                union all
                select a.grantee, a.privilege_type
                from pg_catalog.pg_attribute c cross join pg_catalog.aclexplode(c.attacl) a where c.attrelid = t.oid and not c.attisdropped) x
            left join pg_catalog.pg_roles r on r.oid = x.grantee
            where t.oid = 'public.user_credits'::regclass
              and x.privilege_type in ('INSERT', 'UPDATE', 'DELETE')
              and (x.grantee = 0 or r.rolname in ('anon', 'authenticated'))) g
        cross join lateral (
            select string_agg(quote_ident(q.polname), ', ' order by q.polname) as names
            from pg_catalog.pg_policy q
            where g.relrowsecurity and q.polrelid = 'public.user_credits'::regclass and q.polpermissive
              and q.polcmd::text in ('*', g.command) and (0 = any (q.polroles) or g.role = any (q.polroles))) p
        where not g.relrowsecurity or p.names is not null
        order by 1;
end
$$;

create or replace function session_recovery.schema_report() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return (
        select jsonb_build_object(
            'outcome', 'ok',
            'migrations', (select coalesce(jsonb_agg(m.name order by m.name), '[]') from session_recovery.migrations m),
            'adopted', s.adopted,
            'contracted', s.contracted,
            'initial_amount', s.initial_amount,
            'user_write_paths', (select coalesce(jsonb_agg(w), '[]') from session_recovery.user_write_paths() w))
        from session_recovery.settings s);
end
$$;

-- What other SQL does ----------------------------------------------------------------------------------------------------------------

create or replace function session_recovery.keep_ledger() returns trigger
language plpgsql set search_path = '' as $$
begin
    raise exception 'credit_ledger is append-only.' using errcode = '42501';
end
$$;

create or replace function session_recovery.check_balance(p_credits numeric) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_credits is null or p_credits <> trunc(p_credits) or abs(p_credits) > 9007199254740991 then
        raise exception 'user_credits.credits must be whole and below 2^53, and is %.', coalesce(p_credits::text, 'null') using errcode = '22023';
    end if;
end
$$;

-- The account is about to go, or to be emptied: every hold ends, and the book ends at nothing.
create or replace function session_recovery.empty_book(p_book session_recovery.book, p_reason text) returns session_recovery.book
language plpgsql volatile set search_path = '' as $$
declare
    v_hold record;
begin
    for v_hold in
        select id, amount, hold_entry from public.credit_reservations
        where user_id = p_book.user_id and state = 'held' order by expires_at, id
    loop
        p_book := session_recovery.end_hold(p_book, v_hold.id, v_hold.amount, v_hold.hold_entry, 'release', 'released');
    end loop;
    return session_recovery.append(p_book, 'adjust', -p_book.credits, p_reason => p_reason);
end
$$;

-- Follows every change of user_credits that did not come from the functions here: the app's own SQL, a webhook, the dashboard. Each is
-- an adjust row with the next version, so that caches and the audit stay right. Spending below what is held ends the youngest holds.
-- It sees a row after the table's other triggers (its name is the last), with the row locked and about to be written.
create or replace function session_recovery.follow_other_sql() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_book session_recovery.book;
    v_contracted boolean;
    v_hold record;
begin
    select contracted, incarnation into v_contracted, v_book.incarnation from session_recovery.settings;
    if v_contracted and (tg_op in ('INSERT', 'TRUNCATE') or tg_op = 'UPDATE' and new.credits is distinct from old.credits) then
        raise exception 'Balances are written by grant_credits(), consume_credits() and their like only.' using errcode = '42501';
    end if;
    v_book.opened_at := session_recovery.now();

    if tg_op = 'TRUNCATE' then
        for v_book in
            select user_id, credits, held, version, next_hold_expiry, v_book.opened_at, v_book.incarnation, null::bigint from public.user_credits
        loop
            perform session_recovery.empty_book(v_book, 'table emptied');
        end loop;
        return null;
    end if;

    if tg_op = 'INSERT' then
        perform session_recovery.check_balance(new.credits);
        if tg_when = 'BEFORE' then
            -- The row may still meet another of this user (ON CONFLICT): the book is written when it is in the table.
            new.held := 0;
            new.version := 1;
            new.next_hold_expiry := null;
            return new;
        end if;
        v_book.user_id := new.user_id;
        v_book.credits := 0;
        v_book.held := 0;
        select coalesce(max(version), 0) into v_book.version from public.credit_ledger where user_id = new.user_id;
        v_book := session_recovery.append(v_book, case v_book.version when 0 then 'init' else 'adjust' end, new.credits::bigint);
        if v_book.version <> new.version then
            update public.user_credits set version = v_book.version where user_id = new.user_id;
        end if;
        return null;
    end if;

    v_book.user_id := old.user_id;
    v_book.credits := old.credits;
    v_book.held := old.held;
    v_book.version := old.version;
    v_book.next_hold_expiry := old.next_hold_expiry;

    if tg_op = 'DELETE' then
        perform session_recovery.empty_book(v_book, 'row deleted');
        return old;
    end if;

    if new.user_id is distinct from old.user_id then
        raise exception 'A balance can''t change its user: insert another row.' using errcode = '22023';
    end if;
    if new.credits is distinct from old.credits then
        perform session_recovery.check_balance(new.credits);
        if v_book.next_hold_expiry <= v_book.opened_at then
            v_book := session_recovery.end_due_holds(v_book);
        end if;
        v_book := session_recovery.append(v_book, 'adjust', (new.credits - old.credits)::bigint);
        if v_book.held > v_book.credits then
            for v_hold in
                select id, amount, hold_entry from public.credit_reservations
                where user_id = old.user_id and state = 'held' order by hold_entry desc
            loop
                exit when v_book.held <= v_book.credits;
                v_book := session_recovery.end_hold(v_book, v_hold.id, v_hold.amount, v_hold.hold_entry, 'release', 'released');
            end loop;
            v_book.next_hold_expiry := session_recovery.next_expiry(old.user_id);
        end if;
    end if;
    new.held := v_book.held;
    new.version := v_book.version;
    new.next_hold_expiry := v_book.next_hold_expiry;
    return new;
end
$$;

-- For operators ----------------------------------------------------------------------------------------------------------------------

-- After a restore from a backup, when versions fall: what clients remember of the old versions no longer counts.
create or replace function session_recovery.renew_incarnation() returns text
language plpgsql volatile set search_path = '' as $$
declare
    v_incarnation text := replace(gen_random_uuid()::text, '-', '');
begin
    update session_recovery.settings set incarnation = v_incarnation where id = 1;
    return v_incarnation;
end
$$;

-- What a new account gets; null ends the giving.
create or replace function session_recovery.set_initial_amount(p_amount bigint) returns void
language plpgsql volatile set search_path = '' as $$
declare
    v_columns text;
begin
    select string_agg(a.attname, ', ' order by a.attnum) into v_columns
    from pg_catalog.pg_attribute a
    where a.attrelid = 'public.user_credits'::regclass and a.attnum > 0 and not a.attisdropped
      and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attname not in ('user_id', 'credits', 'version');
    if p_amount is not null and v_columns is not null then
        raise exception 'A new account would lack a value for %: give the column(s) a default first.', v_columns using errcode = '22023';
    end if;
    update session_recovery.settings set initial_amount = p_amount where id = 1;
end
$$;

-- What PostgREST offers: one JSON object with an outcome, always. Waits are short, and a function's own setting wins over its role's.

create or replace function public.get_my_credits() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.my_balance();
end
$$;

create or replace function public.initialize_my_credits() returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.initialise_mine();
end
$$;

create or replace function public.initialize_user_credits(p_user uuid) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.initialise_user(p_user);
end
$$;

create or replace function public.get_user_credits(p_user uuid) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.user_balance(p_user);
end
$$;

create or replace function public.consume_credits(p_user uuid, p_amount bigint, p_key text, p_reason text default null, p_metadata jsonb default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.consume(p_user, p_amount, p_key, p_reason, p_metadata);
end
$$;

create or replace function public.reserve_credits(
    p_user uuid, p_amount bigint, p_key text, p_fingerprint text default null, p_ttl_seconds numeric default 900,
    p_runner uuid default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.reserve(p_user, p_amount, p_key, p_fingerprint, p_ttl_seconds, p_runner);
end
$$;

create or replace function public.extend_reservation(p_user uuid, p_reservation uuid, p_attempt integer, p_ttl_seconds numeric) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.extend(p_user, p_reservation, p_attempt, p_ttl_seconds);
end
$$;

create or replace function public.capture_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_amount bigint default null,
    p_response jsonb default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.capture(p_user, p_reservation, p_attempt, p_amount, p_response);
end
$$;

create or replace function public.release_reservation(p_user uuid, p_reservation uuid, p_attempt integer) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.release(p_user, p_reservation, p_attempt);
end
$$;

create or replace function public.expire_reservations(p_batch integer default 100) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.expire(p_batch);
end
$$;

create or replace function public.grant_credits(p_user uuid, p_amount bigint, p_key text, p_reason text default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.grant_amount(p_user, p_amount, p_key, p_reason);
end
$$;

create or replace function public.refund_credits(p_user uuid, p_ledger_id bigint, p_amount bigint, p_key text) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.refund(p_user, p_ledger_id, p_amount, p_key);
end
$$;

create or replace function public.credit_history(p_before_version bigint default null, p_limit integer default 50) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.my_history(p_before_version, p_limit);
end
$$;

create or replace function public.active_user_snapshot(p_limit integer default 50, p_since timestamptz default null) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.snapshot(p_limit, p_since);
end
$$;

create or replace function public.credits_audit() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '60s' as $$
begin
    return session_recovery.audit();
end
$$;

create or replace function public.session_recovery_schema() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.schema_report();
end
$$;

-- Who may call what. New functions are open to everyone by default; the inner ones are called by the outer ones.
do $$
declare
    v_of_users constant text[] := array['get_my_credits', 'initialize_my_credits', 'credit_history', 'my_balance', 'initialise_mine', 'my_history'];
    v_of_servers constant text[] := array['initialize_user_credits', 'get_user_credits', 'consume_credits', 'reserve_credits', 'extend_reservation', 'capture_reservation',
        'release_reservation', 'expire_reservations', 'grant_credits', 'refund_credits', 'active_user_snapshot', 'credits_audit',
        'session_recovery_schema', 'initialise_user', 'user_balance', 'consume', 'reserve', 'extend',
        'capture', 'release', 'expire', 'grant_amount', 'refund', 'snapshot',
        'audit', 'schema_report'];
    v_function record;
begin
    for v_function in
        select p.oid::regprocedure as name, p.proname
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'session_recovery' or n.nspname = 'public' and p.proname = any (v_of_users || v_of_servers)
    loop
        execute format('alter function %s owner to session_recovery_owner', v_function.name);
        execute format('revoke all on function %s from public, anon, authenticated, service_role', v_function.name);
        if v_function.proname = any (v_of_users) then
            execute format('grant execute on function %s to authenticated', v_function.name);
        elsif v_function.proname = any (v_of_servers) then
            execute format('grant execute on function %s to service_role', v_function.name);
        end if;
    end loop;
end
$$;
alter type session_recovery.book owner to session_recovery_owner;
revoke all on type session_recovery.book from public;

create or replace trigger credit_ledger_is_kept before update or delete or truncate on public.credit_ledger
for each statement execute function session_recovery.keep_ledger();

revoke create on schema public from session_recovery_owner;

insert into session_recovery.migrations (name) values ('20260801000200_session_recovery_functions') on conflict do nothing;
