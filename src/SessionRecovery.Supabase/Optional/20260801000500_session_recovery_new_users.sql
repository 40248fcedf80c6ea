-- SessionRecovery's ledger, optional: an account at sign-up, by a trigger on auth.users. Without it an account is opened at the user's
-- first read, recovery or spend. Copy it to your migrations, under a name with today's time.

-- A sign-up must never fail because of this: then the account is opened later, as without the trigger.
create or replace function session_recovery.welcome_new_user() returns trigger
language plpgsql security definer set search_path = '' set lock_timeout = '500ms' as $$
begin
    perform session_recovery.initialise(new.id);
    return null;
exception when others then
    raise warning 'SessionRecovery opened no account for a new user: %', sqlerrm;
    return null;
end
$$;

do $$
begin
    grant create on schema session_recovery to session_recovery_owner;
    alter function session_recovery.welcome_new_user() owner to session_recovery_owner;
    revoke all on function session_recovery.welcome_new_user() from public, anon, authenticated, service_role;

    -- Whoever is no owner of auth.users may add a trigger to it, and not replace one.
    if not exists (select from pg_catalog.pg_trigger where tgrelid = 'auth.users'::regclass and tgname = 'session_recovery_new_user') then
        create trigger session_recovery_new_user after insert on auth.users
        for each row execute function session_recovery.welcome_new_user();
    end if;
end
$$;

insert into session_recovery.migrations (name) values ('20260801000500_session_recovery_new_users') on conflict do nothing;
