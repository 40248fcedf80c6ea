-- SessionRecovery ledger, optional: creates the account when a user signs up, with a trigger on auth.users. Without this migration, an
-- account is created at the user's first read, recovery or charge. Copy this file to your migrations under a name that begins with the
-- current time.

create or replace function session_recovery.initialize_new_user() returns trigger
language plpgsql security definer set search_path = '' set lock_timeout = '500ms' as $$
begin
    perform session_recovery.initialize_account(new.id);
    return null;
exception when others then
    -- A failure of the ledger must not prevent a sign-up. After a failure, the account is created later, as without the trigger.
    raise warning 'SessionRecovery did not initialize the account of a new user: %', sqlerrm;
    return null;
end
$$;
comment on function session_recovery.initialize_new_user is 'Trigger of auth.users: initializes the account of a new user.';

call session_recovery.secure_functions();

-- A role that does not own the table auth.users may create a trigger on the table, but cannot replace an existing trigger.
do $$
begin
    if not exists (select from pg_catalog.pg_trigger where tgrelid = 'auth.users'::regclass and tgname = 'session_recovery_new_user') then
        create trigger session_recovery_new_user after insert on auth.users
        for each row execute function session_recovery.initialize_new_user();
    end if;
end
$$;

insert into session_recovery.migrations (name) values ('20260801000900_session_recovery_new_users') on conflict do nothing;
