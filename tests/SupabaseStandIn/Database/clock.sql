-- Replaces the function from which the ledger reads the time, so that tests can change the time. The function keeps its owner and its
-- grants.
do $$
begin
    if to_regprocedure('session_recovery.now()') is not null then
        create or replace function session_recovery.now() returns timestamptz language sql volatile set search_path = '' as
            'select coalesce(frozen_at, pg_catalog.clock_timestamp() + shift) from stand_in.clock';
    end if;
end
$$;
