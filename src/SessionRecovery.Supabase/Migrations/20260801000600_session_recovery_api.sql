-- SessionRecovery ledger, 6 of 8: creates the public functions, which clients call through PostgREST, and their grants.
--
-- Each public function is SECURITY INVOKER and returns one JSON object with an outcome. The function calls a private function of the same
-- name in the schema session_recovery, which is SECURITY DEFINER and owned by a role without other rights. The timeouts of a function
-- override the timeouts of the role. The lock_timeout is 2 s: a function that cannot get a lock in this time fails, and the caller learns
-- that nothing was changed. The statement_timeout is 5 s.

grant usage, create on schema public to session_recovery_owner;

-- The following functions are for users ----------------------------------------------------------------------------------------------

create or replace function public.get_my_credits() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.get_my_credits();
end
$$;
comment on function public.get_my_credits is
'Returns the caller''s balance. For authenticated.
Outcomes: ok (available, held, version, as_of, incarnation, hold_expires_in), not_initialized. Error 42501 without a user id.';

create or replace function public.initialize_my_credits() returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.initialize_my_credits();
end
$$;
comment on function public.initialize_my_credits is
'Initializes the caller''s account with the initial amount, exactly once. For authenticated.
Outcomes: ok (balance, created), not_initialized while no initial amount is set. Error 42501 without a user id.';

create or replace function public.credit_history(p_before_version bigint default null, p_limit integer default 50) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.credit_history(p_before_version, p_limit);
end
$$;
comment on function public.credit_history is
'Returns a page of the caller''s ledger entries, newest first. For authenticated.
p_before_version: next_before_version of the previous page, or null. p_limit: 1 to 500.
Outcome: ok (entries, next_before_version). The member request of an entry is the Idempotency-Key of the request that caused it.
Error 42501 without a user id.';

-- The following functions for the server change and read accounts --------------------------------------------------------------------

create or replace function public.get_user_credits(p_user uuid) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.get_user_credits(p_user);
end
$$;
comment on function public.get_user_credits is
'Returns a user''s balance. For service_role.
Outcomes: ok (available, held, version, as_of, incarnation, hold_expires_in), not_initialized.';

create or replace function public.user_credit_history(
    p_user uuid, p_before_version bigint default null, p_limit integer default 50) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.user_credit_history(p_user, p_before_version, p_limit);
end
$$;
comment on function public.user_credit_history is
'Returns a page of a user''s ledger entries with keys and actors, newest first. For service_role.
p_before_version: next_before_version of the previous page, or null. p_limit: 1 to 500.
Outcome: ok (entries, next_before_version). A user without an account has no entries.';

create or replace function public.initialize_user_credits(p_user uuid, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.initialize_user_credits(p_user, p_deadline);
end
$$;
comment on function public.initialize_user_credits is
'Initializes a user''s account with the initial amount, exactly once. For service_role.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: ok (balance, created), not_initialized while no initial amount is set.';

create or replace function public.consume_credits(
    p_user uuid, p_amount bigint, p_key text, p_reason text default null, p_metadata jsonb default null,
    p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.consume_credits(p_user, p_amount, p_key, p_reason, p_metadata, p_deadline);
end
$$;
comment on function public.consume_credits is
'Charges an amount at once. For service_role.
p_amount: 1 to 2^53 - 1. p_key: idempotency key of 1 to 255 characters. p_reason: up to 200 characters. p_metadata: up to 4 KiB.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: ok (balance, ledger_id, replayed), insufficient (balance, required), key_conflict, not_initialized.';

create or replace function public.grant_credits(
    p_user uuid, p_amount bigint, p_key text, p_reason text default null, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.grant_credits(p_user, p_amount, p_key, p_reason, p_deadline);
end
$$;
comment on function public.grant_credits is
'Adds credits, and first initializes the account if there is none. For service_role.
p_amount: 1 to 2^53 - 1. p_key: idempotency key of 1 to 255 characters. p_reason: up to 200 characters, which the user can read.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: ok (balance, ledger_id, created, replayed), key_conflict, exceeds_limit if the balance would reach 2^53.';

create or replace function public.refund_credits(
    p_user uuid, p_ledger_id bigint, p_amount bigint, p_key text, p_reason text default null,
    p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.refund_credits(p_user, p_ledger_id, p_amount, p_key, p_reason, p_deadline);
end
$$;
comment on function public.refund_credits is
'Returns credits of one consume or capture entry, in parts if needed. For service_role.
p_ledger_id: id of the entry. p_amount: 1 to what is left of it, or null for all that is left.
p_key: idempotency key of 1 to 255 characters. p_reason: up to 200 characters, which the user can read.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: ok (balance, ledger_id, replayed), exceeds_entry (refundable), no_such_entry, key_conflict, exceeds_limit, not_initialized.';

create or replace function public.adjust_credits(
    p_user uuid, p_amount bigint, p_key text, p_actor text, p_reason text, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.adjust_credits(p_user, p_amount, p_key, p_actor, p_reason, p_deadline);
end
$$;
comment on function public.adjust_credits is
'Corrects an account for an operator. A negative amount takes only available credits. For service_role.
p_amount: -(2^53 - 1) to 2^53 - 1, not 0. p_key: idempotency key of 1 to 255 characters. p_actor: the operator, 1 to 100 characters.
p_reason: 1 to 200 characters, which the user can read.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: ok (balance, ledger_id, replayed), insufficient (required), key_conflict, exceeds_limit, not_initialized.';

-- The following functions for the server change and read reservations ----------------------------------------------------------------

create or replace function public.reserve_credits(
    p_user uuid, p_amount bigint, p_key text, p_fingerprint text default null, p_ttl_seconds numeric default 900,
    p_lease_owner uuid default null, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.reserve_credits(p_user, p_amount, p_key, p_fingerprint, p_ttl_seconds, p_lease_owner, p_deadline);
end
$$;
comment on function public.reserve_credits is
'Holds an amount for work in progress. For service_role.
p_amount: 0 to 2^53 - 1. The amount 0 only protects the key: it needs no account and adds no ledger entry.
p_key: idempotency key of 1 to 255 characters. p_fingerprint: identifies the request, up to 128 characters.
p_ttl_seconds: lifetime, up to 24 hours. p_lease_owner: the request that works on the reservation, or null for host code.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: held (reservation_id, attempt, replayed), in_progress (retry_after) while another lease owner holds the key,
captured (response), insufficient (required), key_conflict, not_initialized. All but not_initialized include the balance of an account.';

create or replace function public.extend_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_ttl_seconds numeric, p_claim boolean default false,
    p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.extend_reservation(p_user, p_reservation, p_attempt, p_ttl_seconds, p_claim, p_deadline);
end
$$;
comment on function public.extend_reservation is
'Renews a reservation. An expired one is held again if the balance suffices. For service_role.
p_attempt: attempt of the reserve outcome. p_ttl_seconds: new lifetime from now, up to 24 hours; never shortens.
p_claim: true makes the next attempt the current one and clears the lease owner, so that the earlier holder is superseded.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: held, expired (required), already_closed, superseded by a later attempt.';

create or replace function public.capture_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_amount bigint default null, p_response jsonb default null,
    p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.capture_reservation(p_user, p_reservation, p_attempt, p_amount, p_response, p_deadline);
end
$$;
comment on function public.capture_reservation is
'Charges a reservation once and returns the rest of it. An expired one is captured if the balance suffices. For service_role.
p_attempt: attempt of the reserve outcome. p_amount: 0 to the reserved amount, or null for all of it.
p_response: status (200 to 399), content_type, location and body (base64, up to 64 KiB) for a repeated request, or null.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: captured (ledger_id, response, replayed), expired (required), exceeds_hold, key_conflict (captured with another amount),
already_closed, superseded by a later attempt.';

create or replace function public.release_reservation(
    p_user uuid, p_reservation uuid, p_attempt integer, p_deadline timestamptz default null) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.release_reservation(p_user, p_reservation, p_attempt, p_deadline);
end
$$;
comment on function public.release_reservation is
'Returns the held credits; may be repeated. After the expiry it rules out a late capture. For service_role.
p_attempt: attempt of the reserve outcome.
p_deadline: time after which the command has no effect (outcome deadline_passed, as_of), or null.
Outcomes: released (replayed), already_closed, superseded by a later attempt.';

create or replace function public.expire_reservations(p_batch integer default 100) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.expire_reservations(p_batch);
end
$$;
comment on function public.expire_reservations is
'Closes due reservations, clears old responses, and deletes reservations without a price after 7 days.
It skips locked rows, so any number of nodes may call it. For service_role.
p_batch: reservations and responses of one call, 1 to 10000.
Outcome: ok (users: the number of users whose reservations were closed).';

create or replace function public.open_reservations(
    p_user uuid default null, p_after_expires_at timestamptz default null, p_after_id uuid default null, p_limit integer default 50)
returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.open_reservations(p_user, p_after_expires_at, p_after_id, p_limit);
end
$$;
comment on function public.open_reservations is
'Lists open reservations of server code that hold credits, the next to expire first. For service_role.
Reservations of requests (keys with the prefix http:) and due reservations are not listed.
p_user: the user, or null for all users. p_after_expires_at, p_after_id: the last reservation of the previous page, or null.
p_limit: 1 to 500 reservations.
Outcome: ok (reservations: id, user_id, idempotency_key, attempt, amount, expires_at, lease_owner).';

-- The following functions for the server support its operation -----------------------------------------------------------------------

create or replace function public.active_user_snapshot(p_limit integer default 50, p_since timestamptz default null) returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.active_user_snapshot(p_limit, p_since);
end
$$;
comment on function public.active_user_snapshot is
'Returns the recently active users with their balances, latest first. For service_role.
p_limit: 1 to 10000 users. p_since: time of the earliest activity, or null.
Outcome: ok (users, as_of, incarnation).';

create or replace function public.record_active_users(p_users uuid[]) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.record_active_users(p_users);
end
$$;
comment on function public.record_active_users is
'Records that users are active now, for active_user_snapshot(). Users without an account are ignored. For service_role.
p_users: 1 to 10000 users, the most recently active first.
Outcome: ok (recorded: the number of users).';

create or replace function public.credits_audit() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '60s' as $$
begin
    return session_recovery.credits_audit();
end
$$;
comment on function public.credits_audit is
'Checks the invariants of accounts, ledger and reservations. For service_role; may take up to 60 s.
Outcome: ok (faults: one sentence for each violated invariant, empty if all hold).';

create or replace function public.session_recovery_schema() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.session_recovery_schema();
end
$$;
comment on function public.session_recovery_schema is
'Returns the state of the schema. For service_role.
Outcome: ok (migrations, adopted, contracted, initial_amount, user_write_paths).';

-- Grants -----------------------------------------------------------------------------------------------------------------------------
-- The default privileges let every role execute a new function. A public function and the private function of the same name have the same
-- callers.

call session_recovery.secure_functions();

do $$
declare
    v_of_users constant text[] := array['get_my_credits', 'initialize_my_credits', 'credit_history'];
    v_of_server constant text[] := array[
        'get_user_credits', 'initialize_user_credits', 'consume_credits', 'grant_credits', 'refund_credits', 'adjust_credits',
        'reserve_credits', 'extend_reservation', 'capture_reservation', 'release_reservation', 'expire_reservations',
        'active_user_snapshot', 'record_active_users', 'user_credit_history', 'open_reservations', 'credits_audit',
        'session_recovery_schema'];
    v_function record;
begin
    for v_function in
        select p.oid::regprocedure as name, case when p.proname = any (v_of_users) then 'authenticated' else 'service_role' end as caller
        from pg_catalog.pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'session_recovery'::regnamespace)
          and p.proname = any (v_of_users || v_of_server)
    loop
        execute format('alter function %s owner to session_recovery_owner', v_function.name);
        execute format('revoke all on function %s from public, anon, authenticated, service_role', v_function.name);
        execute format('grant execute on function %s to %I', v_function.name, v_function.caller);
    end loop;
end
$$;

-- The callers are granted access to the private schema only after the default rights on its functions were revoked.
grant usage on schema session_recovery to authenticated, service_role;
revoke create on schema public from session_recovery_owner;

insert into session_recovery.migrations (name) values ('20260801000600_session_recovery_api') on conflict do nothing;
