-- Creates the table with the state of the test double. All services and the ledger read the time from one row of this table.
create schema if not exists stand_in;
grant usage on schema stand_in to public;

create table if not exists stand_in.settings (name text primary key, value text not null);
create table if not exists stand_in.signing_keys (
    id text primary key,
    algorithm text not null,
    material text not null,
    state text not null,
    created_at timestamptz not null default clock_timestamp()
);
create table if not exists stand_in.clock (
    one boolean primary key default true check (one),
    shift interval not null default interval '0',
    frozen_at timestamptz
);
insert into stand_in.clock default values on conflict do nothing;
grant select on stand_in.clock to public;
