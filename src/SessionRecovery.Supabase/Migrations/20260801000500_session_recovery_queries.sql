-- SessionRecovery ledger, 5 of 8: creates functions that only read. Every read treats a reservation whose lifetime is over as expired, even
-- if no command has closed the reservation yet.

-- The following functions read balances ----------------------------------------------------------------------------------------------

create or replace function session_recovery.read_balance(p_user uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_account session_recovery.account_state;
    v_due_count bigint;
    v_due_amount bigint;
begin
    select u.user_id, u.credits, u.held, u.version, u.next_hold_expiry, v_now, s.incarnation, null::bigint into v_account
    from public.user_credits u cross join session_recovery.settings s
    where u.user_id = p_user;
    if not found then
        return jsonb_build_object('outcome', 'not_initialized');
    end if;

    -- The next command will close the due reservations, and each closed reservation will increase the version by one. The returned version
    -- already includes these changes.
    if v_account.next_hold_expiry <= v_now then
        select count(*) filter (where expires_at <= v_now),
               coalesce(sum(amount) filter (where expires_at <= v_now), 0),
               min(expires_at) filter (where expires_at > v_now)
        into v_due_count, v_due_amount, v_account.next_hold_expiry
        from public.credit_reservations where user_id = p_user and state = 'held';
        v_account.held := v_account.held - v_due_amount;
        v_account.version := v_account.version + v_due_count;
    end if;
    return session_recovery.outcome_json(v_account, 'ok');
end
$$;
comment on function session_recovery.read_balance is 'Returns the user''s balance without a lock, as the next command will find it.';

create or replace function session_recovery.get_my_credits() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return session_recovery.read_balance(session_recovery.get_authenticated_user());
end
$$;
comment on function session_recovery.get_my_credits is 'Implements public.get_my_credits().';

create or replace function session_recovery.get_user_credits(p_user uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user must not be null.' using errcode = '22023';
    end if;
    return session_recovery.read_balance(p_user);
end
$$;
comment on function session_recovery.get_user_credits is 'Implements public.get_user_credits().';

-- The following functions read the ledger entries of a user --------------------------------------------------------------------------

create or replace function session_recovery.history_json(
    p_user uuid, p_before_version bigint, p_limit integer, p_for_server boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
    v_entries jsonb;
    v_count bigint;
    v_last bigint;
begin
    if p_limit is null or p_limit not between 1 and 500 then
        raise exception 'p_limit must be from 1 to 500.' using errcode = '22023';
    end if;

    -- Only ledger entries that change the credits contain a key. The other entries of a reservation get the key from the row of the
    -- reservation. A user sees only the keys of the user's own requests.
    select coalesce(jsonb_agg(
            to_jsonb(e) - case when p_for_server then array['request', 'metadata'] else array['idempotency_key', 'actor'] end
            order by e.version desc), '[]'),
        count(*), min(e.version)
    into v_entries, v_count, v_last
    from (
        select l.id, l.version, l.kind, l.amount, l.held_delta, l.balance_after, l.reservation_id, l.refers_to, l.reason, l.metadata,
            l.created_at, l.actor, k.idempotency_key,
            case when starts_with(k.idempotency_key, 'http:') then substr(k.idempotency_key, 6) end as request
        from public.credit_ledger l
        left join public.credit_reservations r on r.id = l.reservation_id
        cross join lateral (select coalesce(l.idempotency_key, r.idempotency_key) as idempotency_key) k
        where l.user_id = p_user and l.version < coalesce(p_before_version, 9223372036854775807)
        order by l.version desc limit p_limit) e;
    return jsonb_build_object(
        'outcome', 'ok',
        'entries', v_entries,
        'next_before_version', case when v_count = p_limit and v_last > 1 then v_last end);
end
$$;
comment on function session_recovery.history_json is
    'Returns a page of a user''s ledger entries, newest first. The server also sees the keys and the actors.';

create or replace function session_recovery.credit_history(p_before_version bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return session_recovery.history_json(session_recovery.get_authenticated_user(), p_before_version, p_limit, false);
end
$$;
comment on function session_recovery.credit_history is 'Implements public.credit_history().';

create or replace function session_recovery.user_credit_history(p_user uuid, p_before_version bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    if p_user is null then
        raise exception 'p_user must not be null.' using errcode = '22023';
    end if;
    return session_recovery.history_json(p_user, p_before_version, p_limit, true);
end
$$;
comment on function session_recovery.user_credit_history is 'Implements public.user_credit_history().';

-- The following function lists open reservations -------------------------------------------------------------------------------------

create or replace function session_recovery.open_reservations(
    p_user uuid, p_after_expires_at timestamptz, p_after_id uuid, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_after timestamptz := session_recovery.now();
    v_after_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid;
    v_reservations jsonb;
begin
    if p_limit is null or p_limit not between 1 and 500 then
        raise exception 'p_limit must be from 1 to 500.' using errcode = '22023';
    elsif (p_after_expires_at is null) <> (p_after_id is null) then
        raise exception 'p_after_expires_at and p_after_id must both be null, or neither.' using errcode = '22023';
    end if;

    -- A due reservation counts as expired, so the first page begins after all due reservations.
    if p_after_expires_at > v_after then
        v_after := p_after_expires_at;
        v_after_id := p_after_id;
    end if;

    -- The query for one user and the query for all users each have their own index.
    if p_user is null then
        select jsonb_agg(to_jsonb(r) order by r.expires_at, r.id) into v_reservations
        from (
            select id, user_id, idempotency_key, attempt, amount, expires_at, lease_owner
            from public.credit_reservations
            where state = 'held' and (expires_at, id) > (v_after, v_after_id) and not starts_with(idempotency_key, 'http:')
            order by expires_at, id limit p_limit) r;
    else
        select jsonb_agg(to_jsonb(r) order by r.expires_at, r.id) into v_reservations
        from (
            select id, user_id, idempotency_key, attempt, amount, expires_at, lease_owner
            from public.credit_reservations
            where user_id = p_user and state = 'held' and (expires_at, id) > (v_after, v_after_id)
              and not starts_with(idempotency_key, 'http:')
            order by expires_at, id limit p_limit) r;
    end if;
    return jsonb_build_object('outcome', 'ok', 'reservations', coalesce(v_reservations, '[]'));
end
$$;
comment on function session_recovery.open_reservations is 'Implements public.open_reservations().';

-- The following functions read and record active users -------------------------------------------------------------------------------

-- The function list_active_users() has two definitions, because the columns of a table usage_logs that belongs to the host are unknown.
do $$
begin
    if session_recovery.owns_usage_logs() then
        create or replace function session_recovery.list_active_users(p_limit integer, p_since timestamptz)
        returns table (user_id uuid, last_at timestamptz)
        language plpgsql stable set search_path = '' as $body$
        begin
            return query
                select a.user_id, max(a.moment)
                from (
                    select l.user_id, l.created_at as moment from public.usage_logs l where l.created_at >= p_since
                    union all
                    select r.user_id, r.last_at from session_recovery.active_users r where r.last_at >= p_since) a
                where exists (select from public.user_credits u where u.user_id = a.user_id)
                group by a.user_id
                order by max(a.moment) desc, a.user_id desc limit p_limit;
        end
        $body$;
    else
        create or replace function session_recovery.list_active_users(p_limit integer, p_since timestamptz)
        returns table (user_id uuid, last_at timestamptz)
        language plpgsql stable set search_path = '' as $body$
        begin
            return query
                select a.user_id, max(a.moment)
                from (
                    select l.user_id, l.created_at as moment from public.credit_ledger l
                    where l.created_at >= p_since
                      and l.kind in ('init', 'consume', 'capture', 'adjust') and l.reason is distinct from 'adopted'
                    union all
                    select r.user_id, r.last_at from session_recovery.active_users r where r.last_at >= p_since) a
                where exists (select from public.user_credits u where u.user_id = a.user_id)
                group by a.user_id
                order by max(a.moment) desc, a.user_id desc limit p_limit;
        end
        $body$;
    end if;
end
$$;
comment on function session_recovery.list_active_users is
    'Returns the users who were active since the given time, latest first. If usage_logs is the host''s, the ledger is read instead.';

create or replace function session_recovery.record_active_users(p_users uuid[]) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_count integer;
begin
    if p_users is null or cardinality(p_users) not between 1 and 10000 then
        raise exception 'p_users must have 1 to 10000 elements.' using errcode = '22023';
    end if;

    -- The time of each user is one microsecond earlier than the time of the previous user, which preserves the order of the users. All
    -- calls lock the rows in the same order, so that concurrent calls cannot deadlock.
    insert into session_recovery.active_users (user_id, last_at)
    select u.user_id, v_now - (min(a.position) - 1) * interval '1 microsecond'
    from unnest(p_users) with ordinality as a (user_id, position)
    join public.user_credits u on u.user_id = a.user_id
    group by u.user_id order by u.user_id
    on conflict (user_id) do update set last_at = greatest(active_users.last_at, excluded.last_at);
    get diagnostics v_count = row_count;

    delete from session_recovery.active_users
    where user_id in (
        select user_id from session_recovery.active_users where last_at < v_now - interval '30 days'
        order by last_at limit 10000
        for update skip locked);
    return jsonb_build_object('outcome', 'ok', 'recorded', v_count);
end
$$;
comment on function session_recovery.record_active_users is 'Implements public.record_active_users().';

create or replace function session_recovery.active_user_snapshot(p_limit integer, p_since timestamptz) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_now timestamptz := session_recovery.now();
    v_users jsonb;
begin
    if p_limit is null or p_limit not between 1 and 10000 then
        raise exception 'p_limit must be from 1 to 10000.' using errcode = '22023';
    end if;

    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'user_id', a.user_id,
                'available', u.credits::bigint - u.held + coalesce(d.amount, 0),
                'held', u.held - coalesce(d.amount, 0),
                'version', u.version + coalesce(d.count, 0),
                'hold_expires_in',
                    extract(epoch from case when u.next_hold_expiry <= v_now then d.next_expiry else u.next_hold_expiry end - v_now))
            order by a.last_at desc, a.user_id desc),
        '[]')
    into v_users
    from session_recovery.list_active_users(p_limit, coalesce(p_since, '-infinity')) a
    join public.user_credits u on u.user_id = a.user_id
    left join lateral (
        select count(*) filter (where r.expires_at <= v_now) as count,
               sum(r.amount) filter (where r.expires_at <= v_now)::bigint as amount,
               min(r.expires_at) filter (where r.expires_at > v_now) as next_expiry
        from public.credit_reservations r
        where r.user_id = u.user_id and r.state = 'held') d on u.next_hold_expiry <= v_now;
    return jsonb_build_object(
        'outcome', 'ok', 'users', v_users, 'as_of', v_now, 'incarnation', (select incarnation from session_recovery.settings));
end
$$;
comment on function session_recovery.active_user_snapshot is 'Implements public.active_user_snapshot().';

-- Audit ------------------------------------------------------------------------------------------------------------------------------
-- Each invariant is a query that counts its violations and returns the id of one affected user. The sum of the ledger entries of a deleted
-- account must be zero. A function of an earlier release has another result type, so it is dropped first.

drop function if exists session_recovery.audit_accounts();
create function session_recovery.audit_accounts() returns table (fault text, violations bigint, first_user text)
language plpgsql stable set search_path = '' as $$
begin
    return query
        select 'Credits differ from the sum of the ledger', count(*), min(u.user_id::text)
        from public.user_credits u
        where coalesce(u.credits, 0) <> (select coalesce(sum(l.amount), 0) from public.credit_ledger l where l.user_id = u.user_id)
        union all
        select 'Held credits differ from the sum of the open reservations', count(*), min(u.user_id::text)
        from public.user_credits u
        where u.held <> (
            select coalesce(sum(r.amount), 0) from public.credit_reservations r where r.user_id = u.user_id and r.state = 'held')
        union all
        select 'Held credits differ from the sum of the ledger', count(*), min(u.user_id::text)
        from public.user_credits u
        where u.held <> (select coalesce(sum(l.held_delta), 0) from public.credit_ledger l where l.user_id = u.user_id)
        union all
        select 'Held or available credits are negative', count(*), min(user_id::text)
        from public.user_credits where held < 0 or credits - held < 0
        union all
        select 'The next expiry of an account is not the earliest one', count(*), min(u.user_id::text)
        from public.user_credits u
        where u.next_hold_expiry is distinct from (
            select min(r.expires_at) from public.credit_reservations r where r.user_id = u.user_id and r.state = 'held')
        union all
        select 'An account has no ledger entry', count(*), min(u.user_id::text)
        from public.user_credits u
        where not exists (select from public.credit_ledger l where l.user_id = u.user_id)
        union all
        select 'The ledger of a deleted account does not end at zero', count(*), min(deleted.user_id::text)
        from (
            select l.user_id from public.credit_ledger l
            where not exists (select from public.user_credits u where u.user_id = l.user_id)
            group by l.user_id having sum(l.amount) <> 0 or sum(l.held_delta) <> 0) deleted;
end
$$;
comment on function session_recovery.audit_accounts is 'Counts the accounts that contradict the ledger or their reservations.';

drop function if exists session_recovery.audit_ledger();
create function session_recovery.audit_ledger() returns table (fault text, violations bigint, first_user text)
language plpgsql stable set search_path = '' as $$
begin
    return query
        select 'The versions of the ledger have a gap or do not end at the version of the account', count(*), min(l.user_id::text)
        from (
            select user_id, count(*) as entries, min(version) as first, max(version) as last
            from public.credit_ledger group by user_id) l
        left join public.user_credits u on u.user_id = l.user_id
        where l.first <> 1 or l.last <> l.entries or l.last <> u.version
        union all
        select 'The balance of a ledger entry does not follow from the entry before', count(distinct s.user_id), min(s.user_id::text)
        from (
            select user_id, balance_after - amount as before,
                lag(balance_after, 1, 0::bigint) over (partition by user_id order by version) as expected
            from public.credit_ledger) s
        where s.before <> s.expected
        union all
        select 'A ledger entry closes a reservation that does not exist', count(*), min(e.user_id::text)
        from public.credit_ledger e
        where e.held_delta < 0
          and not exists (
            select from public.credit_ledger h where h.id = e.refers_to and h.kind = 'hold' and h.reservation_id = e.reservation_id)
        union all
        select 'The refunds of a ledger entry exceed its amount', count(*), min(l.user_id::text)
        from public.credit_ledger l
        where -l.amount < (select sum(r.amount) from public.credit_ledger r where r.refers_to = l.id and r.kind = 'refund')
        union all
        select 'A refund does not refer to a charge of the same user', count(*), min(r.user_id::text)
        from public.credit_ledger r
        where r.kind = 'refund'
          and not exists (
            select from public.credit_ledger l
            where l.id = r.refers_to and l.user_id = r.user_id and l.kind in ('consume', 'capture') and l.version < r.version)
        union all
        select 'A grant or a refund does not add credits, or has no key', count(*), min(user_id::text)
        from public.credit_ledger
        where kind in ('grant', 'refund') and (amount <= 0 or held_delta <> 0 or idempotency_key is null)
        union all
        select 'An adjustment with a key has no actor or no reason', count(*), min(user_id::text)
        from public.credit_ledger
        where kind = 'adjust' and idempotency_key is not null and (actor is null or reason is null);
end
$$;
comment on function session_recovery.audit_ledger is 'Counts the ledger entries that contradict each other.';

drop function if exists session_recovery.audit_reservations();
create function session_recovery.audit_reservations() returns table (fault text, violations bigint, first_user text)
language plpgsql stable set search_path = '' as $$
begin
    return query
        select 'An open reservation has a closing entry, or a closed one does not have exactly one', count(*), min(h.user_id::text)
        from public.credit_ledger h
        left join public.credit_reservations r on r.id = h.reservation_id
        where h.kind = 'hold'
          and (select count(*) from public.credit_ledger e where e.refers_to = h.id and e.held_delta < 0 and e.held_delta = -h.held_delta)
              <> case when r.state = 'held' and r.hold_entry = h.id then 0 else 1 end
        union all
        select 'A capture charges nothing, or more than its hold', count(*), min(c.user_id::text)
        from public.credit_ledger c
        left join public.credit_ledger h on h.id = c.refers_to and h.kind = 'hold' and h.reservation_id = c.reservation_id
        where c.kind = 'capture' and (c.amount >= 0 or h.id is null or -c.amount > h.held_delta)
        union all
        select 'A reservation differs from its ledger entry', count(*), min(r.user_id::text)
        from public.credit_reservations r
        where r.amount > 0 and not exists (
            select from public.credit_ledger h
            where h.id = r.hold_entry and h.kind = 'hold' and h.reservation_id = r.id and h.held_delta = r.amount
              and h.user_id = r.user_id)
        union all
        select 'An open reservation has no account', count(*), min(r.user_id::text)
        from public.credit_reservations r
        where r.state = 'held' and not exists (select from public.user_credits u where u.user_id = r.user_id)
        union all
        select 'A captured reservation does not have exactly one capture entry of its amount', count(*), min(r.user_id::text)
        from public.credit_reservations r
        where (select count(*) from public.credit_ledger c where c.reservation_id = r.id and c.kind = 'capture')
                <> case when r.state = 'captured' and r.captured > 0 then 1 else 0 end
           or r.captured <> (
                select coalesce(-sum(c.amount), 0) from public.credit_ledger c where c.reservation_id = r.id and c.kind = 'capture');
end
$$;
comment on function session_recovery.audit_reservations is 'Counts the reservations that contradict the ledger.';

create or replace function session_recovery.credits_audit() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
    v_faults jsonb;
begin
    select coalesce(jsonb_agg(format('%s (violations: %s; first user: %s).', a.fault, a.violations, a.first_user)), '[]') into v_faults
    from (
        select * from session_recovery.audit_accounts()
        union all
        select * from session_recovery.audit_ledger()
        union all
        select * from session_recovery.audit_reservations()) a
    where a.violations > 0;
    return jsonb_build_object('outcome', 'ok', 'faults', v_faults);
end
$$;
comment on function session_recovery.credits_audit is 'Implements public.credits_audit().';

-- The following functions report the applied migrations and the rights of users to write balances ------------------------------------

create or replace function session_recovery.list_user_write_paths() returns setof text
language plpgsql stable set search_path = '' as $$
begin
    return query
        select format(
            '%s may %s on public.user_credits (%s)', g.grantee, lower(g.verb), coalesce('policy ' || p.names, 'row-level security is off'))
        from (
            select distinct t.relrowsecurity, coalesce(r.rolname, 'public') as grantee, x.grantee as role, x.privilege_type as verb,
                case x.privilege_type when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end as command
            from pg_catalog.pg_class t
            -- A right may be granted on the whole table or on one column.
            cross join lateral (
                select a.grantee, a.privilege_type from pg_catalog.aclexplode(t.relacl) a
                union all
                select a.grantee, a.privilege_type
                from pg_catalog.pg_attribute c cross join pg_catalog.aclexplode(c.attacl) a
                where c.attrelid = t.oid and not c.attisdropped) x
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
comment on function session_recovery.list_user_write_paths is
    'Returns the grants and policies that let users write balances directly. Only an adopted table has any, until the contract migration.';

create or replace function session_recovery.session_recovery_schema() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return (
        select jsonb_build_object(
            'outcome', 'ok',
            'migrations', (select coalesce(jsonb_agg(m.name order by m.name), '[]') from session_recovery.migrations m),
            'adopted', s.adopted,
            'contracted', s.contracted,
            'initial_amount', s.initial_amount,
            'user_write_paths', (select coalesce(jsonb_agg(w), '[]') from session_recovery.list_user_write_paths() w))
        from session_recovery.settings s);
end
$$;
comment on function session_recovery.session_recovery_schema is 'Implements public.session_recovery_schema().';

call session_recovery.secure_functions();

insert into session_recovery.migrations (name) values ('20260801000500_session_recovery_queries') on conflict do nothing;
