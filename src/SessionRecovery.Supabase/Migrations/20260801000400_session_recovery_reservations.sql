-- SessionRecovery ledger, 4 of 8: creates the functions for reservations.

-- The following functions check the arguments of reservations ------------------------------------------------------------------------

create or replace function session_recovery.check_reservation_arguments(p_user uuid, p_reservation uuid, p_attempt integer) returns void
language plpgsql immutable set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user must not be null.' using errcode = '22023';
    elsif p_reservation is null then
        raise exception 'p_reservation must not be null.' using errcode = '22023';
    elsif p_attempt is null or p_attempt < 1 then
        raise exception 'p_attempt must be at least 1.' using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_reservation_arguments is
    'Raises 22023 if an argument that names a reservation is null or out of range.';

create or replace function session_recovery.check_reservation_limits(p_amount bigint, p_ttl_seconds numeric) returns void
language plpgsql stable set search_path = '' as $$
declare
    v_max_amount bigint;
    v_max_seconds numeric;
begin
    select max_amount, extract(epoch from max_reservation_lifetime) into v_max_amount, v_max_seconds from session_recovery.settings;
    if p_amount > v_max_amount then
        raise exception 'p_amount must be at most %.', v_max_amount using errcode = '22023';
    elsif p_ttl_seconds is null or p_ttl_seconds <= 0 or p_ttl_seconds > v_max_seconds then
        raise exception 'p_ttl_seconds must be greater than 0 and at most %.', v_max_seconds::bigint using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_reservation_limits is
    'Raises 22023 if the amount or the lifetime of a reservation exceeds the limit in settings.';

create or replace function session_recovery.check_response(p_response jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
    v_status integer := (p_response ->> 'status')::integer;
begin
    if v_status is null or v_status not between 200 and 399 then
        raise exception 'p_response.status must be from 200 to 399.' using errcode = '22023';
    elsif length(p_response ->> 'content_type') > 255 then
        raise exception 'p_response.content_type must have at most 255 characters.' using errcode = '22023';
    elsif length(p_response ->> 'location') > 2048 then
        raise exception 'p_response.location must have at most 2048 characters.' using errcode = '22023';
    elsif jsonb_typeof(p_response -> 'headers') not in ('object', 'null') or length(p_response ->> 'headers') > 32768 then
        raise exception 'p_response.headers must be an object of at most 32768 characters.' using errcode = '22023';
    elsif octet_length(decode(p_response ->> 'body', 'base64')) > 1048576 then
        raise exception 'p_response.body must have at most 1048576 bytes.' using errcode = '22023';
    end if;
end
$$;
comment on function session_recovery.check_response is 'Raises 22023 if the response cannot be stored.';

-- The following functions find a reservation, check its attempt and create outcomes --------------------------------------------------

create or replace function session_recovery.reservation_json(p_reservation public.credit_reservations) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
    return jsonb_build_object('reservation_id', p_reservation.id, 'attempt', p_reservation.attempt);
end
$$;
comment on function session_recovery.reservation_json is 'Returns the members of an outcome that name the reservation and its attempt.';

create or replace function session_recovery.captured_json(p_reservation public.credit_reservations, p_at timestamptz) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
    v_response jsonb;
    v_is_whole constant boolean := p_reservation.closed_at > p_at - interval '24 hours';
begin
    if p_reservation.response_status is not null then
        v_response := jsonb_build_object(
            'status', p_reservation.response_status,
            'content_type', p_reservation.response_content_type,
            'location', case when v_is_whole or p_reservation.amount > 0 then p_reservation.response_location end,
            'headers', case when v_is_whole then p_reservation.response_headers end,
            'body', case when v_is_whole then translate(encode(p_reservation.response_body, 'base64'), E'\n', '') end);
    end if;
    return session_recovery.reservation_json(p_reservation) || jsonb_build_object(
        'replayed', true,
        'response', v_response,
        'ledger_id', (select l.id from public.credit_ledger l where l.reservation_id = p_reservation.id and l.kind = 'capture'));
end
$$;
comment on function session_recovery.captured_json is
    'Returns the members of a repeated captured outcome: the ledger entry, and the response, whose body is returned for 24 hours.';

create or replace function session_recovery.check_attempt(p_reservation public.credit_reservations, p_attempt integer) returns text
language plpgsql immutable set search_path = '' as $$
begin
    return case
        when p_reservation.id is null or p_attempt > p_reservation.attempt then 'already_closed'
        when p_attempt < p_reservation.attempt then 'superseded'
    end;
end
$$;
comment on function session_recovery.check_attempt is
    'Returns the outcome that rejects the attempt, or null if it is current. A missing or foreign reservation is already_closed.';

create or replace function session_recovery.find_reservation(
    p_account session_recovery.account_state, p_user uuid, p_reservation uuid) returns public.credit_reservations
language plpgsql volatile set search_path = '' as $$
declare
    v_reservation public.credit_reservations;
begin
    select * into v_reservation from public.credit_reservations
    where id = p_reservation and user_id = p_user and (amount = 0 or p_account.user_id is not null)
    for update;
    return v_reservation;
end
$$;
comment on function session_recovery.find_reservation is
    'Locks and returns a reservation of the user, or null. Without an account, only a reservation without a price is found.';

-- The following functions reserve credits --------------------------------------------------------------------------------------------

create or replace function session_recovery.resolve_reservation(
    p_account session_recovery.account_state,
    p_reservation public.credit_reservations,
    p_amount bigint,
    p_fingerprint text,
    p_lease_owner uuid)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_is_open constant boolean := p_reservation.state = 'held'
        or p_reservation.state = 'running' and p_reservation.expires_at > p_account.as_of;
begin
    -- A request with another fingerprint is a different request. The fingerprint does not include the price. If the command has no
    -- fingerprint, a different amount means a different request.
    if p_reservation.fingerprint is distinct from p_fingerprint or p_fingerprint is null and p_reservation.amount <> p_amount then
        return session_recovery.save_account(p_account, 'key_conflict');
    elsif p_reservation.state = 'captured' then
        return session_recovery.save_account(p_account, 'captured') || session_recovery.captured_json(p_reservation, p_account.as_of);
    elsif v_is_open and p_reservation.lease_owner is not distinct from p_lease_owner then
        if p_reservation.amount <> p_amount then
            return session_recovery.save_account(p_account, 'key_conflict');
        end if;
        -- If the lease owner is the same, the caller repeats a call whose result was lost. The function therefore returns the existing
        -- reservation.
        return session_recovery.save_account(p_account, 'held') || session_recovery.reservation_json(p_reservation)
            || jsonb_build_object('replayed', true);
    elsif v_is_open then
        return session_recovery.save_account(p_account, 'in_progress')
            || jsonb_build_object('retry_after', extract(epoch from p_reservation.expires_at - p_account.as_of));
    end if;
    return null;
end
$$;
comment on function session_recovery.resolve_reservation is
    'Returns the outcome of a repeated reserve command, or null if the reservation was released or expired and may be held again.';

create or replace function session_recovery.delete_priceless_reservations(p_at timestamptz, p_batch integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
    delete from public.credit_reservations
    where id in (
        select id from public.credit_reservations
        where amount = 0 and coalesce(closed_at, expires_at) <= p_at - interval '7 days'
        order by coalesce(closed_at, expires_at) limit p_batch
        for update skip locked);
end
$$;
comment on function session_recovery.delete_priceless_reservations is
    'Deletes reservations without a price of any user that ended 7 days ago. Their keys can be used again. Locked rows are skipped.';

create or replace function session_recovery.hold_reservation(
    p_account session_recovery.account_state, p_reservation public.credit_reservations)
returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
    p_reservation.hold_entry := null;
    p_reservation.state := 'running';
    if p_reservation.amount > 0 then
        p_account := session_recovery.append_ledger_entry(
            p_account, 'hold', 0, p_reservation.amount, p_fingerprint => p_reservation.fingerprint, p_reservation => p_reservation.id);
        p_account.next_hold_expiry := least(p_account.next_hold_expiry, p_reservation.expires_at);
        p_reservation.hold_entry := p_account.ledger_id;
        p_reservation.state := 'held';
    end if;
    insert into public.credit_reservations (
        id, user_id, idempotency_key, fingerprint, attempt, lease_owner, amount, state, expires_at, hold_entry, created_at)
    values (
        p_reservation.id, p_reservation.user_id, p_reservation.idempotency_key, p_reservation.fingerprint, p_reservation.attempt,
        p_reservation.lease_owner, p_reservation.amount, p_reservation.state, p_reservation.expires_at, p_reservation.hold_entry,
        p_account.as_of)
    on conflict (id) do update
    set attempt = excluded.attempt, lease_owner = excluded.lease_owner, amount = excluded.amount, state = excluded.state,
        expires_at = excluded.expires_at, hold_entry = excluded.hold_entry, closed_at = null;

    -- Each new reservation without a price deletes a few old reservations without a price, so that no background job is needed to limit
    -- their number.
    if p_reservation.amount = 0 then
        perform session_recovery.delete_priceless_reservations(p_account.as_of, 4);
    end if;
    return session_recovery.save_account(p_account, 'held') || session_recovery.reservation_json(p_reservation)
        || jsonb_build_object('replayed', false);
end
$$;
comment on function session_recovery.hold_reservation is
    'Holds the credits of a new reservation, or of the next attempt of an old one. The amount 0 adds no ledger entry.';

create or replace function session_recovery.reserve_credits(
    p_user uuid, p_amount bigint, p_key text, p_fingerprint text, p_ttl_seconds numeric, p_lease_owner uuid,
    p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_reservation public.credit_reservations;
    v_outcome jsonb;
begin
    perform session_recovery.check_arguments(p_user, p_amount, p_key, 0);
    perform session_recovery.check_reservation_limits(p_amount, p_ttl_seconds);
    if length(p_fingerprint) > 128 then
        raise exception 'p_fingerprint must have at most 128 characters.' using errcode = '22023';
    end if;

    v_account := session_recovery.lock_user(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    if v_account.user_id is null and p_amount > 0 then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    select * into v_reservation from public.credit_reservations where user_id = p_user and idempotency_key = p_key for update;
    if found then
        v_outcome := session_recovery.resolve_reservation(v_account, v_reservation, p_amount, p_fingerprint, p_lease_owner);
        if v_outcome is not null then
            return v_outcome;
        end if;
    elsif exists (select from public.credit_ledger where user_id = p_user and idempotency_key = p_key) then
        return session_recovery.save_account(v_account, 'key_conflict');
    end if;

    if p_amount > 0 and v_account.credits - v_account.held < p_amount then
        return session_recovery.save_account(v_account, 'insufficient') || jsonb_build_object('required', p_amount);
    end if;

    v_reservation.id := coalesce(v_reservation.id, gen_random_uuid());
    v_reservation.user_id := p_user;
    v_reservation.idempotency_key := p_key;
    v_reservation.fingerprint := p_fingerprint;
    v_reservation.attempt := coalesce(v_reservation.attempt, 0) + 1;
    v_reservation.lease_owner := p_lease_owner;
    v_reservation.amount := p_amount;
    v_reservation.expires_at := v_account.as_of + make_interval(secs => p_ttl_seconds::double precision);
    return session_recovery.hold_reservation(v_account, v_reservation);
end
$$;
comment on function session_recovery.reserve_credits is 'Implements public.reserve_credits().';

-- The following function renews or claims a reservation ------------------------------------------------------------------------------

create or replace function session_recovery.extend_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_ttl_seconds numeric, p_claim boolean,
    p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_reservation public.credit_reservations;
    v_rejection text;
begin
    perform session_recovery.check_reservation_arguments(p_user, p_reservation, p_attempt);
    perform session_recovery.check_reservation_limits(null, p_ttl_seconds);
    v_account := session_recovery.lock_user(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    v_reservation := session_recovery.find_reservation(v_account, p_user, p_reservation);
    v_rejection := session_recovery.check_attempt(v_reservation, p_attempt);
    if v_rejection is not null then
        return session_recovery.save_account(v_account, v_rejection);
    elsif v_reservation.state not in ('held', 'running', 'expired') then
        return session_recovery.save_account(v_account, 'already_closed') || session_recovery.reservation_json(v_reservation);
    elsif v_reservation.state = 'expired' and v_reservation.amount > 0 then
        if v_account.credits - v_account.held < v_reservation.amount then
            return session_recovery.save_account(v_account, 'expired') || session_recovery.reservation_json(v_reservation)
                || jsonb_build_object('required', v_reservation.amount);
        end if;
        v_account := session_recovery.append_ledger_entry(
            v_account, 'hold', 0, v_reservation.amount, p_fingerprint => v_reservation.fingerprint, p_reservation => v_reservation.id);
        v_reservation.hold_entry := v_account.ledger_id;
    end if;

    -- A claim makes the next attempt the current attempt. Later calls of the earlier holder therefore return superseded.
    if p_claim then
        v_reservation.attempt := v_reservation.attempt + 1;
        v_reservation.lease_owner := null;
    end if;
    update public.credit_reservations
    set state = case amount when 0 then 'running' else 'held' end,
        attempt = v_reservation.attempt, lease_owner = v_reservation.lease_owner,
        expires_at = greatest(expires_at, v_account.as_of + make_interval(secs => p_ttl_seconds::double precision)),
        hold_entry = v_reservation.hold_entry, closed_at = null
    where id = v_reservation.id;
    v_account.next_hold_expiry := session_recovery.get_next_hold_expiry(p_user);
    return session_recovery.save_account(v_account, 'held') || session_recovery.reservation_json(v_reservation);
end
$$;
comment on function session_recovery.extend_reservation is 'Implements public.extend_reservation().';

-- The following functions capture a reservation --------------------------------------------------------------------------------------

create or replace function session_recovery.clear_responses(p_at timestamptz, p_batch integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
    update public.credit_reservations
    set response_body = null, response_headers = null, response_location = case amount when 0 then null else response_location end
    where id in (
        select id from public.credit_reservations
        where (response_body is not null or response_headers is not null or amount = 0 and response_location is not null)
            and closed_at <= p_at - interval '24 hours'
        order by closed_at limit p_batch
        for update skip locked);
end
$$;
comment on function session_recovery.clear_responses is
    'Clears the body and the headers of stored responses of any user after 24 hours, without a price also the location. Skips locked rows.';

create or replace function session_recovery.write_capture(
    p_account session_recovery.account_state, p_reservation public.credit_reservations, p_amount bigint, p_response jsonb)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
    v_body bytea := decode(p_response ->> 'body', 'base64');
begin
    -- The ledger entry reduces the held credits by the whole reserved amount. The part that is not charged therefore becomes available in
    -- the same change. The credits of an expired reservation were already returned to the user when it expired.
    if p_amount > 0 then
        p_account := session_recovery.append_ledger_entry(
            p_account, 'capture', -p_amount, case p_reservation.state when 'held' then -p_reservation.amount else 0 end,
            p_reservation.idempotency_key, p_reservation.fingerprint, p_reservation.id, p_reservation.hold_entry);
        perform session_recovery.log_usage(p_account.user_id, 'capture', -p_amount, p_account.ledger_id, p_account.as_of);
    elsif p_reservation.state = 'held' then
        p_account := session_recovery.append_ledger_entry(
            p_account, 'release', 0, -p_reservation.amount,
            p_reservation => p_reservation.id, p_refers_to => p_reservation.hold_entry);
    end if;
    update public.credit_reservations
    set state = 'captured', captured = p_amount, closed_at = p_account.as_of, response_status = (p_response ->> 'status')::integer,
        response_content_type = p_response ->> 'content_type', response_location = p_response ->> 'location',
        response_headers = nullif(p_response -> 'headers', 'null'), response_body = v_body
    where id = p_reservation.id;
    if p_account.next_hold_expiry is not null then
        p_account.next_hold_expiry := session_recovery.get_next_hold_expiry(p_account.user_id);
    end if;

    -- When a response is stored, a few old responses are cleared, so that no background job is needed to limit their number.
    if p_response is not null then
        perform session_recovery.clear_responses(p_account.as_of, 4);
    end if;
    return session_recovery.save_account(p_account, 'captured') || session_recovery.reservation_json(p_reservation)
        || jsonb_build_object(
            'replayed', false, 'response', p_response, 'ledger_id', case when p_amount > 0 then p_account.ledger_id end);
end
$$;
comment on function session_recovery.write_capture is
    'Charges the amount, returns the rest of the hold, closes the reservation and stores the response.';

create or replace function session_recovery.capture_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_amount bigint, p_response jsonb, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_reservation public.credit_reservations;
    v_rejection text;
    v_amount bigint;
begin
    perform session_recovery.check_reservation_arguments(p_user, p_reservation, p_attempt);
    if p_amount < 0 then
        raise exception 'p_amount must be at least 0.' using errcode = '22023';
    end if;
    if p_response is not null then
        perform session_recovery.check_response(p_response);
    end if;
    v_account := session_recovery.lock_user(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    v_reservation := session_recovery.find_reservation(v_account, p_user, p_reservation);
    v_rejection := session_recovery.check_attempt(v_reservation, p_attempt);
    v_amount := coalesce(p_amount, v_reservation.amount);
    if v_rejection is not null then
        return session_recovery.save_account(v_account, v_rejection);
    elsif v_reservation.state = 'captured' then
        if p_amount <> v_reservation.captured then
            return session_recovery.save_account(v_account, 'key_conflict') || session_recovery.reservation_json(v_reservation);
        end if;
        return session_recovery.save_account(v_account, 'captured') || session_recovery.captured_json(v_reservation, v_account.as_of);
    elsif v_reservation.state = 'released' then
        return session_recovery.save_account(v_account, 'already_closed') || session_recovery.reservation_json(v_reservation);
    elsif v_amount > v_reservation.amount then
        return session_recovery.save_account(v_account, 'exceeds_hold') || session_recovery.reservation_json(v_reservation);
    elsif v_reservation.state = 'expired' and v_amount > 0 and v_account.credits - v_account.held < v_amount then
        -- The work is complete, so an expired reservation is also captured if the balance suffices.
        return session_recovery.save_account(v_account, 'expired') || session_recovery.reservation_json(v_reservation)
            || jsonb_build_object('required', v_amount);
    end if;
    return session_recovery.write_capture(v_account, v_reservation, v_amount, p_response);
end
$$;
comment on function session_recovery.capture_reservation is 'Implements public.capture_reservation().';

-- The following functions release and expire reservations ----------------------------------------------------------------------------

create or replace function session_recovery.release_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_deadline timestamptz) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_late jsonb;
    v_account session_recovery.account_state;
    v_reservation public.credit_reservations;
    v_rejection text;
begin
    perform session_recovery.check_reservation_arguments(p_user, p_reservation, p_attempt);
    v_account := session_recovery.lock_user(p_user);
    v_late := session_recovery.reject_late(v_account, p_deadline);
    if v_late is not null then
        return v_late;
    end if;
    v_reservation := session_recovery.find_reservation(v_account, p_user, p_reservation);
    v_rejection := session_recovery.check_attempt(v_reservation, p_attempt);
    if v_rejection is not null then
        return session_recovery.save_account(v_account, v_rejection);
    elsif v_reservation.state = 'captured' then
        return session_recovery.save_account(v_account, 'already_closed') || session_recovery.reservation_json(v_reservation);
    elsif v_reservation.state = 'held' then
        v_account := session_recovery.close_reservation(
            v_account, v_reservation.id, v_reservation.amount, v_reservation.hold_entry, 'release', 'released');
        v_account.next_hold_expiry := session_recovery.get_next_hold_expiry(p_user);
        return session_recovery.save_account(v_account, 'released') || session_recovery.reservation_json(v_reservation)
            || jsonb_build_object('replayed', false);
    elsif v_reservation.state = 'running' then
        update public.credit_reservations set state = 'released', closed_at = v_account.as_of where id = v_reservation.id;
        return session_recovery.save_account(v_account, 'released') || session_recovery.reservation_json(v_reservation)
            || jsonb_build_object('replayed', v_reservation.expires_at <= v_account.as_of);
    elsif v_reservation.state = 'expired' then
        -- The reservation has expired, and its credits were already returned. After this update, the reservation can no longer be captured.
        update public.credit_reservations set state = 'released', closed_at = v_account.as_of where id = v_reservation.id;
    end if;
    return session_recovery.save_account(v_account, 'released') || session_recovery.reservation_json(v_reservation)
        || jsonb_build_object('replayed', true);
end
$$;
comment on function session_recovery.release_reservation is 'Implements public.release_reservation().';

create or replace function session_recovery.expire_reservations(p_batch integer) returns jsonb
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
        from (
            select user_id from public.credit_reservations where state = 'held' and expires_at <= v_now
            order by expires_at limit p_batch) d
    loop
        -- The function skips a locked account, because the command that holds the lock also expires the due reservations of the account.
        if exists (select from public.user_credits where user_id = v_user for update skip locked) then
            perform session_recovery.save_account(session_recovery.lock_account(v_user), 'ok');
            v_count := v_count + 1;
        end if;
    end loop;
    update public.credit_reservations set state = 'expired', closed_at = expires_at
    where id in (
        select id from public.credit_reservations where state = 'running' and expires_at <= v_now
        order by expires_at limit p_batch
        for update skip locked);
    perform session_recovery.clear_responses(v_now, p_batch);
    perform session_recovery.delete_priceless_reservations(v_now, p_batch);
    return jsonb_build_object('outcome', 'ok', 'users', v_count);
end
$$;
comment on function session_recovery.expire_reservations is 'Implements public.expire_reservations().';

call session_recovery.secure_functions();

insert into session_recovery.migrations (name) values ('20260801000400_session_recovery_reservations') on conflict do nothing;
