-- SessionRecovery ledger, 2 of 8: creates the private functions that every command uses.
--
-- A command locks the user's row, looks up the idempotency key, expires due reservations, decides the result, appends ledger entries and
-- saves the row. Commands lock the user's row before any other row, so they cannot deadlock. With READ COMMITTED, each statement takes a
-- new snapshot, so that the second of two calls with the same key sees the changes of the first. Function bodies contain the schema of
-- every name, because their search_path is empty.

-- The following functions return the time and the caller -----------------------------------------------------------------------------

create or replace function session_recovery.now() returns timestamptz
language plpgsql volatile set search_path = '' as $$
begin
    return clock_timestamp();
end
$$;
comment on function session_recovery.now is 'Returns the current time. It is the ledger''s only clock, so that tests can replace it.';

create or replace function session_recovery.get_authenticated_user() returns uuid
language plpgsql stable set search_path = '' as $$
declare
    v_user text := nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub';
begin
    if v_user is null or v_user !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
        raise exception 'The access token of the request has no user id.' using errcode = '42501';
    end if;
    return v_user::uuid;
end
$$;
comment on function session_recovery.get_authenticated_user is
    'Returns the user id of the verified access token, and raises 42501 without one: a missing identity is never a trusted caller.';

-- The following functions check arguments --------------------------------------------------------------------------------------------

create or replace function session_recovery.check_arguments(
    p_user uuid, p_amount bigint, p_key text, p_min_amount bigint default 1) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user must not be null.' using errcode = '22023';
    elsif p_amount is null or p_amount not between p_min_amount and 9007199254740991 then
        raise exception 'p_amount must be from % to 9007199254740991.', p_min_amount using errcode = '22023';
    elsif p_key is null or length(p_key) not between 1 and 255 then
        raise exception 'p_key must have 1 to 255 characters.' using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_arguments is 'Raises 22023 if an argument that most commands share is out of range.';

create or replace function session_recovery.check_max_amount(p_amount bigint) returns void
language plpgsql stable set search_path = '' as $$
declare
    v_limit bigint := (select max_amount from session_recovery.settings);
begin
    if p_amount > v_limit then
        raise exception 'p_amount must be at most %.', v_limit using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_max_amount is 'Raises 22023 if the amount exceeds settings.max_amount.';

create or replace function session_recovery.check_reason(p_reason text) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if length(p_reason) > 200 then
        raise exception 'p_reason must have at most 200 characters.' using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_reason is 'Raises 22023 if the reason has more than 200 characters.';

create or replace function session_recovery.check_text(p_text text, p_name text, p_limit integer, p_required boolean) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_required and coalesce(p_text, '') !~ '[^[:space:]]' then
        raise exception '% must not be empty.', p_name using errcode = '22023';
    elsif length(p_text) > p_limit or p_text ~ '[[:cntrl:]]' then
        raise exception '% must have at most % characters and no control characters.', p_name, p_limit using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_text is
    'Raises 22023 if a text that users and operators read is too long, empty, or contains control characters.';

-- The following functions lock, change and save an account within one command --------------------------------------------------------

do $$
begin
    if to_regtype('session_recovery.account_state') is null then
        create type session_recovery.account_state as (
            user_id uuid,
            credits bigint,
            held bigint,
            version bigint,
            next_hold_expiry timestamptz,
            as_of timestamptz,
            incarnation text,
            ledger_id bigint
        );
    end if;
end
$$;
comment on type session_recovery.account_state is
    'One user''s account within one command: the row as it will be saved, the time of the lock, and the id of the last ledger entry.';

create or replace function session_recovery.append_ledger_entry(
    p_account session_recovery.account_state,
    p_kind text,
    p_amount bigint,
    p_held_delta bigint default 0,
    p_key text default null,
    p_fingerprint text default null,
    p_reservation uuid default null,
    p_refers_to bigint default null,
    p_reason text default null,
    p_metadata jsonb default null,
    p_actor text default null)
returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
begin
    p_account.credits := p_account.credits + p_amount;
    p_account.held := p_account.held + p_held_delta;
    p_account.version := p_account.version + 1;
    insert into public.credit_ledger (
        user_id, version, kind, amount, held_delta, balance_after, idempotency_key, fingerprint, reservation_id, refers_to, actor,
        reason, metadata, created_at)
    values (
        p_account.user_id, p_account.version, p_kind, p_amount, p_held_delta, p_account.credits, p_key, p_fingerprint, p_reservation,
        p_refers_to, coalesce(p_actor, nullif(current_setting('role', true), 'none'), session_user), p_reason, p_metadata,
        p_account.as_of)
    returning id into p_account.ledger_id;
    return p_account;
end
$$;
comment on function session_recovery.append_ledger_entry is
    'Appends the next version of the account to the ledger. save_account() writes the user''s row once, after all entries.';

create or replace function session_recovery.get_next_hold_expiry(p_user uuid) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
    return (select min(expires_at) from public.credit_reservations where user_id = p_user and state = 'held');
end
$$;
comment on function session_recovery.get_next_hold_expiry is 'Returns the earliest expiry of the user''s open reservations, or null.';

create or replace function session_recovery.close_reservation(
    p_account session_recovery.account_state, p_reservation uuid, p_amount bigint, p_hold_entry bigint, p_kind text, p_state text)
returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
begin
    update public.credit_reservations set state = p_state, closed_at = p_account.as_of where id = p_reservation;
    return session_recovery.append_ledger_entry(
        p_account, p_kind, 0, -p_amount, p_reservation => p_reservation, p_refers_to => p_hold_entry);
end
$$;
comment on function session_recovery.close_reservation is
    'Returns the held credits of a reservation. The caller then updates next_hold_expiry, once for all that it closes.';

create or replace function session_recovery.expire_due_reservations(p_account session_recovery.account_state)
returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_due record;
begin
    for v_due in
        select id, amount, hold_entry from public.credit_reservations
        where user_id = p_account.user_id and state = 'held' and expires_at <= p_account.as_of
        order by expires_at, id
    loop
        p_account := session_recovery.close_reservation(p_account, v_due.id, v_due.amount, v_due.hold_entry, 'expire', 'expired');
    end loop;
    p_account.next_hold_expiry := session_recovery.get_next_hold_expiry(p_account.user_id);
    return p_account;
end
$$;
comment on function session_recovery.expire_due_reservations is 'Closes the user''s reservations that have expired.';

create or replace function session_recovery.lock_account(p_user uuid) returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    select u.user_id, u.credits, u.held, u.version, u.next_hold_expiry, null::timestamptz, s.incarnation, null::bigint into v_account
    from public.user_credits u cross join session_recovery.settings s
    where u.user_id = p_user
    for update of u;
    if found then
        -- The clock is read after the lock was acquired, because a reservation may have expired while the command waited for the lock.
        v_account.as_of := session_recovery.now();
        if v_account.next_hold_expiry <= v_account.as_of then
            v_account := session_recovery.expire_due_reservations(v_account);
        end if;
    end if;
    return v_account;
end
$$;
comment on function session_recovery.lock_account is
    'Locks the user''s row and expires what is due. The user_id of the result is null if there is no account.';

create or replace function session_recovery.lock_user(p_user uuid) returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state := session_recovery.lock_account(p_user);
begin
    if v_account.user_id is null then
        perform pg_advisory_xact_lock(hashtextextended(p_user::text, 0));

        -- Another command may have created the account while this command waited.
        v_account := session_recovery.lock_account(p_user);
        v_account.as_of := coalesce(v_account.as_of, session_recovery.now());
    end if;
    return v_account;
end
$$;
comment on function session_recovery.lock_user is
    'Like lock_account(), but also locks a user without an account, who can have reservations without a price or get an account.';

create or replace function session_recovery.outcome_json(p_account session_recovery.account_state, p_outcome text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
    if p_account.user_id is null then
        return jsonb_build_object('outcome', p_outcome);
    end if;
    return jsonb_build_object(
        'outcome', p_outcome,
        'available', p_account.credits - p_account.held,
        'held', p_account.held,
        'version', p_account.version,
        'as_of', p_account.as_of,
        'incarnation', p_account.incarnation,
        'hold_expires_in', extract(epoch from p_account.next_hold_expiry - p_account.as_of));
end
$$;
comment on function session_recovery.outcome_json is
    'Returns the JSON object of an outcome with the account''s balance, or without it if there is no account.';

create or replace function session_recovery.save_account(p_account session_recovery.account_state, p_outcome text) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
    update public.user_credits
    set credits = p_account.credits, held = p_account.held, version = p_account.version,
        next_hold_expiry = p_account.next_hold_expiry, updated_at = p_account.as_of
    where user_id = p_account.user_id
      and (version <> p_account.version or next_hold_expiry is distinct from p_account.next_hold_expiry);
    return session_recovery.outcome_json(p_account, p_outcome);
end
$$;
comment on function session_recovery.save_account is 'Writes the user''s row if it has changed, and returns the outcome with the balance.';

create or replace function session_recovery.reject_late(p_account session_recovery.account_state, p_deadline timestamptz) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_now constant timestamptz := coalesce(p_account.as_of, session_recovery.now());
begin
    if p_deadline is null or p_deadline >= v_now then
        return null;
    elsif p_account.user_id is null then
        return jsonb_build_object('outcome', 'deadline_passed', 'as_of', v_now);
    end if;
    return session_recovery.save_account(p_account, 'deadline_passed');
end
$$;
comment on function session_recovery.reject_late is
    'Returns the outcome of a command that got its lock after its deadline, or null. The sender no longer waits for such a command.';

-- The following functions look up idempotency keys and record activity ---------------------------------------------------------------

create or replace function session_recovery.find_key_use(
    p_user uuid, p_key text, out kind text, out amount bigint, out ledger_id bigint, out refers_to bigint, out fingerprint text,
    out actor text)
language plpgsql stable set search_path = '' as $$
begin
    select l.kind, l.amount, l.id, l.refers_to, l.fingerprint, l.actor into kind, amount, ledger_id, refers_to, fingerprint, actor
    from public.credit_ledger l where l.user_id = p_user and l.idempotency_key = p_key;
    if not found and exists (select from public.credit_reservations r where r.user_id = p_user and r.idempotency_key = p_key) then
        kind := 'hold';
    end if;
end
$$;
comment on function session_recovery.find_key_use is
    'Returns the ledger entry or reservation that used the idempotency key; kind is null if the key is unused.';

-- The function log_usage() has two definitions, because the columns of a table usage_logs that belongs to the host are unknown.
do $$
begin
    if session_recovery.owns_usage_logs() then
        create or replace function session_recovery.log_usage(
            p_user uuid, p_action text, p_credits bigint, p_ledger_id bigint, p_at timestamptz) returns void
        language plpgsql volatile set search_path = '' as $body$
        begin
            insert into public.usage_logs (user_id, action, credits, ledger_id, created_at)
            values (p_user, p_action, p_credits, p_ledger_id, p_at);
        end
        $body$;
    else
        create or replace function session_recovery.log_usage(
            p_user uuid, p_action text, p_credits bigint, p_ledger_id bigint, p_at timestamptz) returns void
        language plpgsql volatile set search_path = '' as $body$
        begin
            -- If the table usage_logs belongs to the host, the ledger does not write to it, and the function list_active_users() reads the
            -- activity from the ledger.
            return;
        end
        $body$;
    end if;
end
$$;
comment on function session_recovery.log_usage is 'Writes one row of usage_logs, unless that table belongs to the host.';

alter type session_recovery.account_state owner to session_recovery_owner;
revoke all on type session_recovery.account_state from public;
call session_recovery.secure_functions();

insert into session_recovery.migrations (name) values ('20260801000200_session_recovery_accounts') on conflict do nothing;
