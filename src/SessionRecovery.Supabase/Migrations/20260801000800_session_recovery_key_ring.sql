-- SessionRecovery ledger, 8 of 8: creates the table and the functions for the Data Protection key ring of web hosts that call
-- PersistDataProtectionKeys().
--
-- The table is in the private schema, and only service_role may call the functions. If a web host does not encrypt its keys, a reader of
-- the table can create sign-in cookies for that web host.

do $$
declare
    v_names text;
begin
    select string_agg(distinct p.proname, ', ' order by p.proname) into v_names
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ('add_key_ring_element', 'read_key_ring')
      and p.proowner <> 'session_recovery_owner'::regrole;
    if v_names is not null then
        raise exception 'SessionRecovery changed nothing: functions with these names already exist in schema public: %.', v_names
            using hint = 'Rename them and apply the migration again.';
    end if;
end
$$;

grant usage, create on schema public to session_recovery_owner;

create table if not exists session_recovery.key_ring (
    position bigint generated always as identity primary key,
    name text not null unique check (length(name) between 1 and 200),
    xml text not null check (length(xml) between 1 and 65536),
    created_at timestamptz not null default clock_timestamp()
);
comment on table session_recovery.key_ring is 'One row for each key or revocation of the Data Protection key ring. Rows are only added.';
comment on column session_recovery.key_ring.xml is 'The element. A secret unless the host encrypts its keys.';

alter table session_recovery.key_ring owner to session_recovery_owner;
revoke all on table session_recovery.key_ring from public, anon, authenticated, service_role;
do $$
begin
    execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role',
        pg_get_serial_sequence('session_recovery.key_ring', 'position'));
end
$$;

create or replace function session_recovery.read_key_ring() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return jsonb_build_object(
        'outcome', 'ok',
        'elements', (
            select coalesce(jsonb_agg(jsonb_build_object('name', k.name, 'xml', k.xml) order by k.position), '[]')
            from session_recovery.key_ring k));
end
$$;
comment on function session_recovery.read_key_ring is 'Implements public.read_key_ring().';

create or replace function session_recovery.add_key_ring_element(p_name text, p_xml text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
    insert into session_recovery.key_ring (name, xml) values (p_name, p_xml) on conflict (name) do nothing;
    return jsonb_build_object('outcome', 'ok');
end
$$;
comment on function session_recovery.add_key_ring_element is 'Implements public.add_key_ring_element().';

create or replace function public.read_key_ring() returns jsonb
language plpgsql stable set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.read_key_ring();
end
$$;
comment on function public.read_key_ring is
'Returns the Data Protection key ring of the web hosts. For service_role.
Outcome: ok (elements with name and xml, in the order of their addition).';

create or replace function public.add_key_ring_element(p_name text, p_xml text) returns jsonb
language plpgsql volatile set search_path = '' set lock_timeout = '2s' set statement_timeout = '5s' as $$
begin
    return session_recovery.add_key_ring_element(p_name, p_xml);
end
$$;
comment on function public.add_key_ring_element is
'Adds a key or a revocation; a name that exists already has no effect. For service_role.
p_name: 1 to 200 characters. p_xml: the element, up to 65536 characters.
Outcome: ok.';

-- The following statements grant the functions of the key ring to the server ---------------------------------------------------------

call session_recovery.secure_functions();

do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid::regprocedure
        from pg_catalog.pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'session_recovery'::regnamespace)
          and p.proname in ('add_key_ring_element', 'read_key_ring')
    loop
        execute format('alter function %s owner to session_recovery_owner', v_function);
        execute format('revoke all on function %s from public, anon, authenticated, service_role', v_function);
        execute format('grant execute on function %s to service_role', v_function);
    end loop;
end
$$;

revoke create on schema public from session_recovery_owner;

insert into session_recovery.migrations (name) values ('20260801000800_session_recovery_key_ring') on conflict do nothing;
notify pgrst, 'reload schema';
