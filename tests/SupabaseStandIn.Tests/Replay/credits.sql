-- The ledger that was used when the group "credits" was recorded. In this early version, functions report their results as an HTTP status.
-- The current ledger reports its results in the response body and has its own tests. The recorded requests of this group test only
-- PostgREST.
create schema credits_private;

create table public.user_credits (
    user_id uuid, unit text default 'credit', credits bigint not null, held bigint not null default 0, version bigint not null default 1,
    available bigint generated always as (credits - held) stored, primary key (user_id, unit)
);
create table public.credit_ledger (
    id bigint primary key, user_id uuid not null, version bigint not null, kind text not null, amount bigint not null,
        balance_after bigint not null,
    key text, answer jsonb, unique (user_id, key)
);
create table public.credit_reservations (
    id uuid primary key default gen_random_uuid(), user_id uuid not null, amount bigint not null, state text not null default 'held',
        captured bigint,
    expires_at timestamptz not null, answer jsonb
);
create table public.usage_logs (id bigint generated always as identity primary key, user_id uuid not null default auth.uid(), action text,
    credits bigint);
revoke all on public.user_credits, public.credit_ledger, public.credit_reservations, public.usage_logs from anon, authenticated,
    service_role;
grant select on public.user_credits, public.credit_ledger, public.credit_reservations, public.usage_logs to authenticated, service_role;
alter table public.user_credits enable row level security;
alter table public.credit_ledger enable row level security;
alter table public.credit_reservations enable row level security;
alter table public.usage_logs enable row level security;
create policy "own row" on public.user_credits for select to authenticated using (user_id = auth.uid());
create policy "own rows" on public.credit_ledger for select to authenticated using (user_id = auth.uid());
create policy "own rows" on public.credit_reservations for select to authenticated using (user_id = auth.uid());
create policy "own rows" on public.usage_logs for select to authenticated using (user_id = auth.uid());

create function credits_private.respond(status int, body jsonb) returns jsonb language plpgsql as $$
begin
    perform set_config('response.status', status::text, true);
    return body;
end
$$;

-- Locks and changes the user's row, adds the ledger entry, and stores the response for repeated requests.
create function credits_private.enter(p_user uuid, p_kind text, p_amount bigint, p_credits bigint, p_held bigint, p_key text, p_more jsonb)
    returns jsonb language plpgsql as $$
declare
    account public.user_credits;
    entry bigint := coalesce((select max(id) from public.credit_ledger), 0) + 1;
    result jsonb;
begin
    update public.user_credits set credits = credits + p_credits, held = held + p_held, version = version + 1 where user_id = p_user
        returning * into account;
    result := jsonb_build_object('outcome', 'ok', 'credits', account.credits, 'version', account.version, 'ledger_id', entry, 'replayed',
        false) || p_more
        || case when p_kind in ('grant', 'refund') then '{}' else jsonb_build_object('held', account.held) end;
    insert into public.credit_ledger values (entry, p_user, account.version, p_kind, p_amount, account.credits, p_key, result);
    return result;
end
$$;

create function credits_private.check(p_user uuid, p_amount bigint, p_key text) returns void language plpgsql as $$
begin
    if p_user is null then raise exception 'no caller identity' using errcode = '42501'; end if;
    if p_amount is null or p_amount not between 1 and 1000000000 then
        raise exception 'amount must be between 1 and 1000000000' using errcode = '22023';
    end if;
    if length(coalesce(p_key, '')) not between 1 and 255 then
        raise exception 'idempotency key required (1..255 characters)' using errcode = '22023';
    end if;
end
$$;

-- Returns the stored result of a key, raises a conflict, or returns null for a new key.
create function credits_private.find_result(p_user uuid, p_amount bigint, p_key text, p_more jsonb) returns jsonb language plpgsql as $$
declare found public.credit_ledger;
begin
    select * into found from public.credit_ledger where user_id = p_user and key = p_key;
    if found.id is null then return null; end if;
    if found.amount <> p_amount then return credits_private.respond(409, jsonb_build_object('outcome', 'key_conflict', 'ledger_id',
        found.id)); end if;
    return found.answer || '{"replayed": true}' || p_more;
end
$$;

create function credits_private.spend(p_kind text, p_user uuid, p_amount bigint, p_key text, p_ttl float8) returns jsonb
    language plpgsql as $$
declare
    account public.user_credits;
    before jsonb;
    hold uuid;
begin
    perform credits_private.check(p_user, p_amount, p_key);
    select * into account from public.user_credits where user_id = p_user for update;
    if account.user_id is null then return credits_private.respond(404, '{"outcome": "not_initialised"}'); end if;
    before := credits_private.find_result(p_user, p_amount, p_key, jsonb_build_object('current_version', account.version,
        'current_available',
        account.available));
    if before is not null then return before; end if;
    if account.available < p_amount then
        return credits_private.respond(402, jsonb_build_object('outcome', 'insufficient', 'version', account.version, 'required', p_amount,
            'available', account.available));
    end if;
    if p_kind = 'consume' then return credits_private.enter(p_user, p_kind, p_amount, -p_amount, 0, p_key, '{"reservation_id": null}');
        end if;
    insert into public.credit_reservations (user_id, amount, expires_at) values (p_user, p_amount, now() + make_interval(secs => p_ttl))
        returning id into hold;
    return credits_private.enter(p_user, p_kind, p_amount, 0, p_amount, p_key, jsonb_build_object('reservation_id', hold));
end
$$;

create function credits_private.close(p_reservation uuid, p_state text, p_amount bigint) returns jsonb language plpgsql as $$
declare
    hold public.credit_reservations;
    result jsonb;
begin
    select * into hold from public.credit_reservations where id = p_reservation for update;
    if hold.id is null then return credits_private.respond(404, '{"outcome": "no_such_reservation"}'); end if;
    if hold.state = p_state and hold.captured is not distinct from p_amount then return hold.answer || '{"replayed": true}'; end if;
    if hold.state <> 'held' then
        return credits_private.respond(409, jsonb_build_object('outcome', 'already_closed', 'state', hold.state, 'captured',
            hold.captured));
    end if;
    if hold.expires_at <= now() then
        update public.credit_reservations set state = 'expired' where id = hold.id;
        perform credits_private.enter(hold.user_id, 'expire', 0, 0, -hold.amount, null, '{}');
        return credits_private.respond(410, '{"outcome": "expired", "state": "expired"}');
    end if;
    if p_amount > hold.amount then return credits_private.respond(422, jsonb_build_object('outcome', 'exceeds_hold', 'held', hold.amount));
        end if;
    result := credits_private.enter(hold.user_id, p_state, coalesce(p_amount, 0), -coalesce(p_amount, 0), -hold.amount, null, '{}');
    update public.credit_reservations set state = p_state, captured = p_amount, answer = result where id = hold.id;
    return result;
end
$$;

create function public.get_my_credits(p_unit text default 'credit') returns jsonb language plpgsql stable security definer as $$
declare
    caller uuid := auth.uid();
    account public.user_credits;
    due bigint;
begin
    if caller is null then raise exception 'no caller identity' using errcode = '42501'; end if;
    select * into account from public.user_credits where user_id = caller and unit = p_unit;
    if account.user_id is null then return '{"outcome": "not_initialised"}'; end if;
    select coalesce(sum(amount), 0) into due from public.credit_reservations
        where user_id = caller and state = 'held' and expires_at <= now();
    return jsonb_build_object('outcome', 'ok', 'credits', account.credits, 'held', account.held - due, 'available', account.available + due,
        'version', account.version);
end
$$;
create function public.initialize_user_credits() returns jsonb language plpgsql security definer as $$
declare created boolean;
begin
    insert into public.user_credits (user_id, credits) values (auth.uid(), 100) on conflict do nothing;
    created := found;
    if created then insert into public.credit_ledger values (1, auth.uid(), 1, 'init', 100, 100); end if;
    return (select jsonb_build_object('outcome', 'ok', 'credits', credits, 'held', held, 'version', version, 'created', created)
        from public.user_credits where user_id = auth.uid());
end
$$;
-- The functions were recorded with a lock_timeout of 2 s.
create function public.consume_credits(p_user uuid, p_amount bigint, p_key text, p_reason text default null, p_metadata jsonb default null)
    returns jsonb
    language sql security definer set lock_timeout = '200ms' as $$ select credits_private.spend('consume', p_user, p_amount, p_key,
        null) $$;
create function public.reserve_credits(p_user uuid, p_amount bigint, p_key text, p_ttl_seconds float8 default 600) returns jsonb
    language sql security definer as $$ select credits_private.spend('reserve', p_user, p_amount, p_key, p_ttl_seconds) $$;
create function public.capture_reservation(p_reservation uuid, p_amount bigint) returns jsonb
    language sql security definer as $$ select credits_private.close(p_reservation, 'captured', p_amount) $$;
create function public.release_reservation(p_reservation uuid) returns jsonb
    language sql security definer as $$ select credits_private.close(p_reservation, 'released', null) $$;
create function public.expire_reservations() returns int
    language sql security definer as $$ select count(credits_private.close(id, 'expired', null))::int from public.credit_reservations
        where state = 'held' and expires_at <= now() $$;
create function public.grant_credits(p_user uuid, p_amount bigint, p_key text, p_reason text default null) returns jsonb
    language sql security definer as $$ select coalesce(credits_private.find_result(p_user, p_amount, p_key, '{}'),
        credits_private.enter(p_user,
        'grant', p_amount, p_amount, 0, p_key, '{}')) $$;
create function public.refund_credits(p_user uuid, p_ledger_id bigint, p_amount bigint, p_key text) returns jsonb
    language plpgsql security definer as $$
declare
    spent bigint := (select amount from public.credit_ledger where id = p_ledger_id and kind = 'consume');
    refunded bigint := (select coalesce(sum(amount), 0) from public.credit_ledger where user_id = p_user and kind = 'refund');
begin
    if spent is null then raise exception 'no such consumption' using errcode = '22023'; end if;
    if refunded + p_amount > spent then return credits_private.respond(422, jsonb_build_object('outcome', 'exceeds_original', 'refundable',
        spent - refunded)); end if;
    return credits_private.enter(p_user, 'refund', p_amount, p_amount, 0, p_key, '{}');
end
$$;
create function public.active_user_snapshot(p_limit int default 100, p_since interval default '1 day') returns table (user_id uuid,
    credits bigint, held bigint, version bigint)
    language sql stable security definer as $$ select user_id, credits, held, version from public.user_credits limit p_limit $$;

revoke execute on function public.get_my_credits, public.initialize_user_credits, public.consume_credits, public.reserve_credits,
    public.capture_reservation,
    public.release_reservation, public.expire_reservations, public.grant_credits, public.refund_credits, public.active_user_snapshot
        from public, anon, authenticated, service_role;
grant execute on function public.get_my_credits, public.initialize_user_credits to authenticated;
grant execute on function public.consume_credits, public.reserve_credits, public.capture_reservation, public.release_reservation,
    public.expire_reservations,
    public.grant_credits, public.refund_credits, public.active_user_snapshot to service_role;
