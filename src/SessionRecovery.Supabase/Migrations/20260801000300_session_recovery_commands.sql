-- SessionRecovery ledger, 3 of 8: creates the commands that change a balance immediately, and the functions for operators.

-- The following functions initialize an account --------------------------------------------------------------------------------------

create or replace function session_recovery.insert_account(p_user uuid, p_amount bigint, p_incarnation text)
returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    insert into public.user_credits (user_id, credits, version) values (p_user, 0, 0) on conflict (user_id) do nothing;
    if not found then
        return null;
    end if;

    v_account.user_id := p_user;
    v_account.credits := 0;
    v_account.held := 0;
    v_account.version := (select coalesce(max(version), 0) from public.credit_ledger where user_id = p_user);
    v_account.as_of := session_recovery.now();
    v_account.incarnation := p_incarnation;
    if v_account.version = 0 then
        return session_recovery.append_ledger_entry(v_account, 'init', p_amount);
    end if;
    return session_recovery.append_ledger_entry(v_account, 'adjust', 0, p_reason => 'account initialized again');
end
$$;
comment on function session_recovery.insert_account is
    'Inserts the user''s account, or returns null if there is one. The initial amount is given once, also after the account was deleted. '
    'The caller saves the account.';

create or replace function session_recovery.initialize_account(p_user uuid, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state := session_recovery.lock_user(p_user);
    v_late constant jsonb := session_recovery.reject_late(v_account, p_deadline);
    v_amount bigint;
    v_incarnation text;
begin
    if v_late is not null then
        return v_late;
    elsif v_account.user_id is not null then
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('created', false, 'replayed', true);
    end if;

    select initial_amount, incarnation into v_amount, v_incarnation from session_recovery.settings;
    if v_amount is null then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    v_account := session_recovery.insert_account(p_user, v_amount, v_incarnation);
    if v_account.user_id is null then
        -- Other SQL has inserted the account in the meantime.
        v_account := session_recovery.lock_account(p_user);
        if v_account.user_id is null then
            return jsonb_build_object('outcome', 'not_initialized');
        end if;
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('created', false, 'replayed', true);
    end if;

    if v_account.version = 1 then
        perform session_recovery.log_usage(p_user, 'init', v_amount, v_account.ledger_id, v_account.as_of);
    end if;
    return session_recovery.save_account(v_account, 'ok')
        || jsonb_build_object('ledger_id', v_account.ledger_id, 'created', true, 'replayed', false);
end
$$;
comment on function session_recovery.initialize_account is 'Initializes the user''s account with settings.initial_amount, exactly once.';

create or replace function session_recovery.initialize_my_credits() returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
    return session_recovery.initialize_account(session_recovery.get_authenticated_user());
end
$$;
comment on function session_recovery.initialize_my_credits is 'Implements public.initialize_my_credits().';

create or replace function session_recovery.initialize_user_credits(p_user uuid, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user must not be null.' using errcode = '22023';
    end if;
    return session_recovery.initialize_account(p_user, p_deadline);
end
$$;
comment on function session_recovery.initialize_user_credits is 'Implements public.initialize_user_credits().';

-- The following functions consume credits --------------------------------------------------------------------------------------------

create or replace function session_recovery.consume_under_lock(
    p_user uuid, p_amount bigint, p_key text, p_reason text, p_metadata jsonb, p_deadline timestamptz) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_use record;
begin
    perform session_recovery.check_max_amount(p_amount);
    v_account := session_recovery.lock_account(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    if v_account.user_id is null then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    v_use := session_recovery.find_key_use(p_user, p_key);
    if v_use.kind = 'consume' and v_use.amount = -p_amount then
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_use.ledger_id, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.save_account(v_account, 'key_conflict');
    elsif v_account.credits - v_account.held < p_amount then
        return session_recovery.save_account(v_account, 'insufficient') || jsonb_build_object('required', p_amount);
    end if;

    v_account := session_recovery.append_ledger_entry(
        v_account, 'consume', -p_amount, 0, p_key, p_reason => p_reason, p_metadata => p_metadata);
    perform session_recovery.log_usage(p_user, 'consume', -p_amount, v_account.ledger_id, v_account.as_of);
    return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_account.ledger_id, 'replayed', false);
end
$$;
comment on function session_recovery.consume_under_lock is
    'Decides a consume command that the fast path of consume_credits() did not complete.';

-- On the fast path, a single UPDATE takes the row lock. The checks of the balance and the key use the snapshot of the UPDATE, so they are
-- valid only if the version has not changed since the snapshot. If the version has changed, the key is checked again. The UPDATE is undone
-- if the key was used in the meantime, or if the deadline has passed. The checks are repeated here and not in a function, because each
-- function call adds about 3 % to the cost of this command.
create or replace function session_recovery.consume_credits(
    p_user uuid, p_amount bigint, p_key text, p_reason text, p_metadata jsonb, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_credits bigint;
    v_held bigint;
    v_version bigint;
    v_next_hold_expiry timestamptz;
    v_now timestamptz;
    v_incarnation text;
    v_changed_meanwhile boolean;
    v_is_void boolean;
    v_use record;
    v_ledger_id bigint;
begin
    if (p_user is not null and p_amount between 1 and 9007199254740991 and length(p_key) between 1 and 255
        and coalesce(length(p_reason), 0) <= 200 and coalesce(octet_length(p_metadata::text), 0) <= 4096) is not true then
        perform session_recovery.check_arguments(p_user, p_amount, p_key);
        perform session_recovery.check_reason(p_reason);
        raise exception 'p_metadata must have at most 4096 bytes.' using errcode = '22023';
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
    into v_credits, v_held, v_version, v_next_hold_expiry, v_now, v_incarnation, v_changed_meanwhile;
    if not found then
        return session_recovery.consume_under_lock(p_user, p_amount, p_key, p_reason, p_metadata, p_deadline);
    end if;

    -- The deadline may have passed while the statement waited for the lock.
    v_is_void := p_deadline is not null and p_deadline < session_recovery.now();
    if v_changed_meanwhile and not v_is_void then
        v_use := session_recovery.find_key_use(p_user, p_key);
        v_is_void := v_use.kind is not null;
    elsif not v_is_void then
        -- A reservation without a price does not change the version.
        v_is_void := exists (select from public.credit_reservations where user_id = p_user and idempotency_key = p_key);
    end if;
    if v_is_void then
        update public.user_credits set credits = credits + p_amount, version = version - 1 where user_id = p_user;
        return session_recovery.consume_under_lock(p_user, p_amount, p_key, p_reason, p_metadata, p_deadline);
    end if;

    insert into public.credit_ledger (user_id, version, kind, amount, balance_after, idempotency_key, reason, metadata, created_at)
    values (p_user, v_version, 'consume', -p_amount, v_credits, p_key, p_reason, p_metadata, v_now)
    returning id into v_ledger_id;
    perform session_recovery.log_usage(p_user, 'consume', -p_amount, v_ledger_id, v_now);
    return jsonb_build_object(
        'outcome', 'ok',
        'available', v_credits - v_held,
        'held', v_held,
        'version', v_version,
        'as_of', v_now,
        'incarnation', v_incarnation,
        'hold_expires_in', extract(epoch from v_next_hold_expiry - v_now),
        'ledger_id', v_ledger_id,
        'replayed', false);
end
$$;
comment on function session_recovery.consume_credits is 'Implements public.consume_credits().';

-- The following functions grant, refund and adjust credits ---------------------------------------------------------------------------
-- These commands write no row of usage_logs, because they are no activity of the user.

create or replace function session_recovery.get_max_balance() returns bigint
language plpgsql stable set search_path = '' as $$
begin
    return (
        select case
            when a.atttypid = 'smallint'::regtype then 32767
            when a.atttypid = 'integer'::regtype then 2147483647
            when a.atttypid = 'numeric'::regtype and a.atttypmod > 0
                then least(9007199254740991, power(10::numeric, ((a.atttypmod - 4) >> 16) - ((a.atttypmod - 4) & 65535)) - 1)
            else 9007199254740991
        end
        from pg_catalog.pg_attribute a
        where a.attrelid = 'public.user_credits'::regclass and a.attname = 'credits');
end
$$;
comment on function session_recovery.get_max_balance is
    'Returns the largest balance: 2^53 - 1, or less if the column of an adopted table is smaller.';

create or replace function session_recovery.has_room(p_account session_recovery.account_state, p_amount bigint) returns boolean
language plpgsql stable set search_path = '' as $$
begin
    return p_account.credits <= session_recovery.get_max_balance() - p_amount;
end
$$;
comment on function session_recovery.has_room is 'Returns whether the balance can be raised by an amount.';

create or replace function session_recovery.check_columns_of_new_account() returns void
language plpgsql stable set search_path = '' as $$
declare
    v_columns text;
begin
    select string_agg(a.attname, ', ' order by a.attnum) into v_columns
    from pg_catalog.pg_attribute a
    where a.attrelid = 'public.user_credits'::regclass and a.attnum > 0 and not a.attisdropped
      and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attname not in ('user_id', 'credits', 'version');
    if v_columns is not null then
        raise exception 'A new account has no value for these columns of public.user_credits: %.', v_columns
            using errcode = '22023', hint = 'Give each column a default first.';
    end if;
end
$$;
comment on function session_recovery.check_columns_of_new_account is
    'Raises 22023 if an adopted table has columns that a new account cannot fill.';

create or replace function session_recovery.open_account(p_user uuid) returns session_recovery.account_state
language plpgsql volatile set search_path = '' as $$
declare
    v_account session_recovery.account_state;
begin
    perform session_recovery.check_columns_of_new_account();
    select i.* into v_account
    from session_recovery.settings s
    cross join lateral session_recovery.insert_account(p_user, coalesce(s.initial_amount, 0), s.incarnation) i;
    return v_account;
end
$$;
comment on function session_recovery.open_account is
    'Inserts an account for a grant with the initial amount, or with 0 while none is set, or returns null if there is one.';

create or replace function session_recovery.grant_credits(
    p_user uuid, p_amount bigint, p_key text, p_reason text, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_use record;
    v_created boolean := false;
begin
    perform session_recovery.check_arguments(p_user, p_amount, p_key);
    perform session_recovery.check_max_amount(p_amount);
    perform session_recovery.check_text(p_reason, 'p_reason', 200, false);
    v_account := session_recovery.lock_user(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    v_use := session_recovery.find_key_use(p_user, p_key);
    if v_use.kind = 'grant' and v_use.amount = p_amount and v_account.user_id is not null then
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_use.ledger_id, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.save_account(v_account, 'key_conflict');
    end if;

    if v_account.user_id is null then
        if p_amount > session_recovery.get_max_balance() - coalesce((select initial_amount from session_recovery.settings), 0) then
            return jsonb_build_object('outcome', 'exceeds_limit');
        end if;
        v_account := session_recovery.open_account(p_user);
        v_created := v_account.user_id is not null;
        if not v_created then
            -- Other SQL has inserted the account in the meantime.
            v_account := session_recovery.lock_account(p_user);
            if v_account.user_id is null then
                return jsonb_build_object('outcome', 'not_initialized');
            end if;
        end if;
    end if;

    if not session_recovery.has_room(v_account, p_amount) then
        return session_recovery.save_account(v_account, 'exceeds_limit');
    end if;
    v_account := session_recovery.append_ledger_entry(v_account, 'grant', p_amount, 0, p_key, p_reason => p_reason);
    return session_recovery.save_account(v_account, 'ok')
        || jsonb_build_object('ledger_id', v_account.ledger_id, 'created', v_created, 'replayed', false);
end
$$;
comment on function session_recovery.grant_credits is 'Implements public.grant_credits().';

create or replace function session_recovery.refund_credits(
    p_user uuid, p_ledger_id bigint, p_amount bigint, p_key text, p_reason text, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_use record;
    v_refundable bigint;
    v_amount bigint;
    -- This text marks the ledger entry of a refund without an amount. A repeat with an explicit amount is then detected as a conflict.
    v_fingerprint constant text := case when p_amount is null then 'rest' end;
begin
    perform session_recovery.check_arguments(p_user, coalesce(p_amount, 1), p_key);
    perform session_recovery.check_text(p_reason, 'p_reason', 200, false);
    if p_ledger_id is null then
        raise exception 'p_ledger_id must not be null.' using errcode = '22023';
    end if;

    v_account := session_recovery.lock_account(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    if v_account.user_id is null then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    v_use := session_recovery.find_key_use(p_user, p_key);
    if v_use.kind = 'refund' and v_use.refers_to = p_ledger_id and v_use.amount = coalesce(p_amount, v_use.amount)
        and v_use.fingerprint is not distinct from v_fingerprint then
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_use.ledger_id, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.save_account(v_account, 'key_conflict');
    end if;

    -- If the entry belongs to another user, the result is the same as for a missing entry.
    select -l.amount - coalesce((select sum(r.amount) from public.credit_ledger r where r.refers_to = l.id and r.kind = 'refund'), 0)
    into v_refundable
    from public.credit_ledger l
    where l.id = p_ledger_id and l.user_id = p_user and l.kind in ('consume', 'capture');
    v_amount := coalesce(p_amount, v_refundable);
    if v_refundable is null then
        return session_recovery.save_account(v_account, 'no_such_entry');
    elsif v_amount = 0 or v_amount > v_refundable then
        return session_recovery.save_account(v_account, 'exceeds_entry') || jsonb_build_object('refundable', v_refundable);
    elsif not session_recovery.has_room(v_account, v_amount) then
        return session_recovery.save_account(v_account, 'exceeds_limit');
    end if;

    v_account := session_recovery.append_ledger_entry(
        v_account, 'refund', v_amount, 0, p_key, v_fingerprint, p_refers_to => p_ledger_id, p_reason => p_reason);
    return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_account.ledger_id, 'replayed', false);
end
$$;
comment on function session_recovery.refund_credits is 'Implements public.refund_credits().';

create or replace function session_recovery.adjust_credits(
    p_user uuid, p_amount bigint, p_key text, p_actor text, p_reason text, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_use record;
begin
    if p_amount = 0 or p_amount < -9007199254740991 then
        raise exception 'p_amount must be from -9007199254740991 to 9007199254740991 and not 0.' using errcode = '22023';
    end if;
    perform session_recovery.check_arguments(p_user, abs(p_amount), p_key);
    perform session_recovery.check_max_amount(abs(p_amount));
    perform session_recovery.check_text(p_actor, 'p_actor', 100, true);
    perform session_recovery.check_text(p_reason, 'p_reason', 200, true);
    v_account := session_recovery.lock_account(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    if v_account.user_id is null then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    v_use := session_recovery.find_key_use(p_user, p_key);
    if v_use.kind = 'adjust' and v_use.amount = p_amount and v_use.actor = p_actor then
        return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_use.ledger_id, 'replayed', true);
    elsif v_use.kind is not null then
        return session_recovery.save_account(v_account, 'key_conflict');
    elsif v_account.credits - v_account.held < -p_amount then
        return session_recovery.save_account(v_account, 'insufficient') || jsonb_build_object('required', -p_amount);
    elsif p_amount > 0 and not session_recovery.has_room(v_account, p_amount) then
        return session_recovery.save_account(v_account, 'exceeds_limit');
    end if;

    v_account := session_recovery.append_ledger_entry(
        v_account, 'adjust', p_amount, 0, p_key, p_reason => p_reason, p_actor => p_actor);
    return session_recovery.save_account(v_account, 'ok') || jsonb_build_object('ledger_id', v_account.ledger_id, 'replayed', false);
end
$$;
comment on function session_recovery.adjust_credits is 'Implements public.adjust_credits().';

-- The following functions are for operators ------------------------------------------------------------------------------------------

create or replace function session_recovery.renew_incarnation() returns text
language plpgsql volatile set search_path = '' as $$
declare
    v_incarnation text := replace(gen_random_uuid()::text, '-', '');
begin
    update session_recovery.settings set incarnation = v_incarnation where id = 1;
    return v_incarnation;
end
$$;
comment on function session_recovery.renew_incarnation is
    'For operators, after a restore from a backup: gives the ledger a new incarnation, so that clients drop the versions they remember.';

create or replace function session_recovery.set_initial_amount(p_amount bigint) returns void
language plpgsql volatile set search_path = '' as $$
begin
    if p_amount is not null then
        perform session_recovery.check_columns_of_new_account();
    end if;
    update session_recovery.settings set initial_amount = p_amount where id = 1;
end
$$;
comment on function session_recovery.set_initial_amount is
    'For operators: sets the credits of a new account, from 0 to 9007199254740991. With null, no account is initialized.';

call session_recovery.secure_functions();

insert into session_recovery.migrations (name) values ('20260801000300_session_recovery_commands') on conflict do nothing;
