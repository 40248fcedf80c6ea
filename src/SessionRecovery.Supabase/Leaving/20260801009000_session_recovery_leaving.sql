-- SessionRecovery ledger, leaving: this script removes the objects that the migrations added. The table user_credits (user_id, credits)
-- remains with the correct balances.
--
-- The script restores the host's grants and policies on an adopted table user_credits. The script deletes the ledger, the reservations and
-- the ledger's own table usage_logs. Export these tables first if you want to keep them (docs/leaving.md). Open reservations end without a
-- charge.

do $$
declare
    v_settings record;
    v_name text;
    v_search_path constant text := current_setting('search_path');
begin
    if to_regclass('session_recovery.settings') is null then
        return;
    end if;
    select * into v_settings from session_recovery.settings;

    -- One DO statement makes all changes under one lock, so that no other statement changes a balance between two of the changes.
    perform set_config('search_path', '', true);
    perform set_config('lock_timeout', '10s', true);
    lock table public.user_credits in access exclusive mode;

    -- The following statements remove triggers, public functions, indexes and columns.
    drop trigger if exists zz_session_recovery_before on public.user_credits;
    drop trigger if exists zz_session_recovery_after on public.user_credits;
    drop trigger if exists zz_session_recovery_truncate on public.user_credits;
    for v_name in
        select p.oid::regprocedure::text
        from pg_catalog.pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proowner = 'session_recovery_owner'::regrole
    loop
        execute format('drop function %s', v_name);
    end loop;
    foreach v_name in array v_settings.added_indexes loop
        execute format('drop index if exists public.%I', v_name);
    end loop;
    foreach v_name in array case
        when v_settings.adopted then v_settings.added_columns
        else array['held', 'version', 'next_hold_expiry', 'created_at', 'updated_at'] end
    loop
        execute format('alter table public.user_credits drop column if exists %I', v_name);
    end loop;

    -- The contract migration has saved the host's grants and policies as SQL texts. The following loop runs these texts, which restores the
    -- grants and policies.
    if v_settings.adopted and v_settings.contracted then
        drop policy if exists user_credits_own_rows on public.user_credits;
        revoke select on public.user_credits from authenticated, service_role;
        foreach v_name in array v_settings.host_rights loop
            begin
                execute v_name;
            exception when undefined_object or undefined_column or undefined_table or undefined_function or invalid_schema_name then
                -- If a grant cannot be restored because its role or column is missing, the grant is skipped. A policy that cannot be
                -- restored is an error, because a missing policy could open the table.
                if v_name not like 'grant %' then
                    raise exception 'SessionRecovery changed nothing: %, so this cannot be restored: %.', sqlerrm, v_name
                        using hint = 'Create what is missing (a role without login is enough), '
                            'or remove the line from session_recovery.settings.host_rights.';
                end if;
                raise warning 'SessionRecovery did not restore "%": %.', v_name, sqlerrm;
            end;
        end loop;
    end if;

    if v_settings.adopted then
        drop policy if exists session_recovery_owner on public.user_credits;
    else
        comment on table public.user_credits is null;
        comment on column public.user_credits.credits is null;
        execute format('alter table public.user_credits owner to %I', current_user);
    end if;

    -- CASCADE also drops the optional trigger on the table auth.users.
    drop schema session_recovery cascade;
    drop table public.credit_ledger, public.credit_reservations;
    if exists (
        select from pg_catalog.pg_class
        where oid = to_regclass('public.usage_logs') and relowner = 'session_recovery_owner'::regrole) then
        drop table public.usage_logs;
    end if;

    drop owned by session_recovery_owner;
    begin
        drop role session_recovery_owner;
    exception when dependent_objects_still_exist then
        raise notice 'The role session_recovery_owner was not dropped: another database of this server uses it.';
    end;
    perform set_config('search_path', v_search_path, true);
end
$$;

notify pgrst, 'reload schema';
