#!/usr/bin/env bash
# Compares the functions of the ledger with two lower bounds ("floors"), in one run on a temporary PostgreSQL with fsync and
# synchronous_commit on. Each measurement is one round trip.
# Floor A is one statement with an UPDATE of a row and an INSERT into a ledger that has only a primary key.
# Floor B runs the statements of the function on the real tables with all indexes, but without the logic of the function.
# Usage: pgbench.sh [rounds] [seconds per measurement] [clients]
set -euo pipefail
cd "$(dirname "$0")/../../.."
rounds=${1:-5} seconds=${2:-5} clients=${3:-8} users=1000

bin=/usr/lib/postgresql/15/bin
[ -x "$bin/initdb" ] || bin=$(pg_config --bindir)
as=() && [ "$(id -u)" -ne 0 ] || as=(runuser -u postgres --)
folder=$("${as[@]}" mktemp -d -t session-recovery-pgbench-XXXXXX)
scripts=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill -QUIT "$server" 2>/dev/null || true; wait 2>/dev/null || true; }
  rm -rf "$folder" "$scripts"
}
trap finish EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"${as[@]}" "$bin/initdb" -D "$folder/data" -U supabase_admin --auth=trust --no-instructions -E UTF8 --locale=C.UTF-8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=on -c synchronous_commit=on" start >/dev/null
server=$(head -1 "$folder/data/postmaster.pid")

export PGHOST=127.0.0.1 PGPORT=$port PGDATABASE=postgres
admin() { psql -U supabase_admin -qAt -v ON_ERROR_STOP=1 "$@"; }
admin -f tests/ThrowAwayPostgres/SupabasePlatform.sql 2>/dev/null
for migration in src/SessionRecovery.Supabase/Migrations/*.sql; do
  psql -U postgres -q -1 -v ON_ERROR_STOP=1 -f "$migration" 2>/dev/null
done

admin >/dev/null <<E
create table floor_credits (user_id uuid primary key, credits bigint not null, version bigint not null) with (fillfactor = 70);
create table floor_ledger (id bigint generated always as identity primary key, user_id uuid, version bigint, kind text, amount bigint,
    balance_after bigint, idempotency_key text, created_at timestamptz);
select session_recovery.set_initial_amount(1000000000);
select count(initialize_user_credits(('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid)) from generate_series(1, $users) i;
insert into floor_credits select user_id, credits, version from user_credits;
vacuum analyze;
E

# Writes the pgbench script for one measurement, which uses a random user and a new key.
script() {
  {
    printf '\\set n random(1, %d)\n\\set k random(1, 9000000000000000)\n' "${3:-$users}"
    sed "s/@user/('00000000-0000-4000-8000-' || lpad(:n::text, 12, '0'))::uuid/g; s/@key/'k' || :k/g" <<<"$2"
  } >"$scripts/$1.sql"
}
floor_a="with u as (update floor_credits set credits = credits - 1, version = version + 1 where user_id = @user
    returning user_id, credits, version)
insert into floor_ledger (user_id, version, kind, amount, balance_after, idempotency_key, created_at)
select user_id, version, 'consume', -1, credits, @key, clock_timestamp() from u returning balance_after;"
floor_b="with u as (update user_credits set credits = credits - 1, version = version + 1, updated_at = clock_timestamp()
    where user_id = @user returning user_id, credits, version, updated_at),
l as (insert into credit_ledger (user_id, version, kind, amount, balance_after, idempotency_key, actor, created_at)
    select user_id, version, 'consume', -1, credits, @key, 'service_role', updated_at from u
    returning id, user_id, balance_after, created_at),
n as (insert into usage_logs (user_id, action, credits, ledger_id, created_at) select user_id, 'consume', -1, id, created_at from l)
select balance_after from l;"
pair_b="with u as (update user_credits
    set held = held + 1, version = version + 1, next_hold_expiry = clock_timestamp() + interval '15 min', updated_at = clock_timestamp()
    where user_id = @user returning user_id, credits, version, updated_at, next_hold_expiry),
l as (insert into credit_ledger (user_id, version, kind, amount, held_delta, balance_after, reservation_id, actor, created_at)
    select user_id, version, 'hold', 0, 1, credits, gen_random_uuid(), 'service_role', updated_at from u
    returning id, user_id, reservation_id, created_at)
insert into credit_reservations (id, user_id, idempotency_key, attempt, amount, state, expires_at, hold_entry, created_at)
select l.reservation_id, l.user_id, @key, 1, 1, 'held', u.next_hold_expiry, l.id, l.created_at from l cross join u
    returning id as reservation, hold_entry as entry \\gset
with u as (update user_credits
    set credits = credits - 1, held = held - 1, version = version + 1, next_hold_expiry = null, updated_at = clock_timestamp()
    where user_id = @user returning user_id, credits, version, updated_at),
l as (insert into credit_ledger
        (user_id, version, kind, amount, held_delta, balance_after, idempotency_key, reservation_id, refers_to, actor, created_at)
    select user_id, version, 'capture', -1, -1, credits, @key, ':reservation'::uuid, :entry, 'service_role', updated_at from u
    returning id, user_id, balance_after, created_at),
n as (insert into usage_logs (user_id, action, credits, ledger_id, created_at) select user_id, 'capture', -1, id, created_at from l)
update credit_reservations r set state = 'captured', captured = 1, closed_at = l.created_at from l where r.id = ':reservation'::uuid
    returning l.balance_after;"
script consume_a "$floor_a"
script consume_b "$floor_b"
script consume "select consume_credits(@user, 1, @key);"
script hot_b "$floor_b" 1
script hot "select consume_credits(@user, 1, @key);" 1
script pair_a "$floor_a
$floor_a"
script pair_b "$pair_b"
script pair "select reserve_credits(@user, 1, @key) ->> 'reservation_id' as reservation \\gset
select capture_reservation(@user, ':reservation', 1);"
script read_floor "select credits, held, version, next_hold_expiry from user_credits where user_id = @user;"
script read "select get_user_credits(@user);"

# Floors write the tables as their owner, so that row triggers and policies do not apply. The measurements of pairs use simple query mode,
# because pgbench cannot prepare a statement with a value that it has read.
measure() {
  local options="" mode=prepared
  case $1 in *_b) options="-c role=session_recovery_owner" ;; esac
  case $1 in pair | pair_b) mode=simple ;; esac
  PGOPTIONS=$options "$bin/pgbench" -n -U supabase_admin -M "$mode" -c "$clients" -j 2 -T "$seconds" -f "$scripts/$1.sql" \
    2>"$scripts/errors" |
    sed -nE 's/^tps = ([0-9.]+).*/\1/p' | grep . || { cat "$scripts/errors" >&2; return 1; }
}

names="consume_a consume_b consume hot_b hot pair_a pair_b pair read_floor read"
for ((round = 0; round < rounds; round++)); do
  for name in $names; do
    measure "$name" >>"$scripts/$name.tps"
  done
done

median() { sort -g "$scripts/$1.tps" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf '\n%-44s %9s %9s %6s\n' "per second, median of $rounds rounds, $clients clients" "ours" "floor" "ratio"
ratio() {
  awk -v what="$1" -v ours="$(median "$2")" -v floor="$(median "$3")" \
    'BEGIN { printf "%-44s %9.0f %9.0f %6.2f\n", what, ours, floor, ours / floor }'
}
ratio "consume_credits, floor A" consume consume_a
ratio "consume_credits, floor B" consume consume_b
ratio "consume_credits of one hot user, floor B" hot hot_b
ratio "reserve and capture, floor A twice" pair pair_a
ratio "reserve and capture, floor B" pair pair_b
ratio "a balance, bare primary-key select" read read_floor
[ "$(admin -c "select count(*) from pg_stat_database where deadlocks > 0")" = 0 ] || echo "There were deadlocks."
