-- SessionRecovery's ledger, the way back: takes away what the migrations added and leaves user_credits (user_id, credits) with the right
-- numbers. An adopted table gets its own grants and policies back. The ledger, the holds and our usage_logs are deleted: export them
-- first, if they should be kept (docs/leaving.md). Open holds end without a debit.

do $$
declare
    v_settings record;
    v_name text;
    v_path constant text := current_setting('search_path');
begin
    if to_regclass('session_recovery.settings') is null then
        return;
    end if;
    select * into v_settings from session_recovery.settings;

    perform set_config('search_path', '', true);

    -- One step: no change of a balance falls between.
    perform set_config('lock_timeout', '10s', true);
    lock table public.user_credits in access exclusive mode;

    drop trigger if exists zz_session_recovery_before on public.user_credits;
    drop trigger if exists zz_session_recovery_after on public.user_credits;
    drop trigger if exists zz_session_recovery_truncate on public.user_credits;

    for v_name in
        select p.oid::regprocedure::text
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.proowner = 'session_recovery_owner'::regrole
    loop
        execute format('drop function %s', v_name);
    end loop;

    foreach v_name in array v_settings.added_indexes loop
        execute format('drop index if exists public.%I', v_name);
    end loop;
    foreach v_name in array case when v_settings.adopted then v_settings.added_columns
        else array['held', 'version', 'next_hold_expiry', 'created_at', 'updated_at'] end
    loop
        execute format('alter table public.user_credits drop column if exists %I', v_name);
    end loop;

    if v_settings.adopted then
        if v_settings.contracted then
            drop policy if exists user_credits_own_rows on public.user_credits;
            revoke select on public.user_credits from authenticated, service_role;
            foreach v_name in array v_settings.host_rights loop
                begin
                    execute v_name;
                exception when undefined_object or undefined_column or undefined_table or undefined_function or invalid_schema_name then
                    -- A right of nobody, or to nothing, is none. A policy may be what keeps others out.
                    if v_name not like 'grant %' then
                        raise exception 'SessionRecovery changed nothing: %, so this can''t be put back: %. Create it again (a role without login will do), or take the line out of session_recovery.settings.host_rights.', sqlerrm, v_name;
                    end if;
                    raise warning 'SessionRecovery left out "%": %.', v_name, sqlerrm;
                end;
            end loop;
        end if;
        drop policy if exists session_recovery_owner on public.user_credits;
    else
        execute format('alter table public.user_credits owner to %I', current_user);
    end if;

    -- With it goes the trigger on auth.users, if there is one: it stands on a function of ours.
    drop schema session_recovery cascade;
    drop table public.credit_ledger, public.credit_reservations;
    if exists (
        select from pg_catalog.pg_class where oid = to_regclass('public.usage_logs') and relowner = 'session_recovery_owner'::regrole) then
        drop table public.usage_logs;
    end if;

    drop owned by session_recovery_owner;
    begin
        drop role session_recovery_owner;
    exception when dependent_objects_still_exist then
        raise notice 'The role session_recovery_owner stays: another database of this server uses it.';
    end;
    perform set_config('search_path', v_path, true);
end
$$;

notify pgrst, 'reload schema';
