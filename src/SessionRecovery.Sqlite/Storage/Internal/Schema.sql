-- Times are integers in units of 100 ns since 1970 UTC: datetime(created_at / 10000000, 'unixepoch').
-- Credits are whole numbers below 2^53, which JavaScript represents exactly.

-- One row with the values that no caller may choose. incarnation identifies this history of the ledger; a database that was restored
-- from a backup needs a new one, because versions fall.
create table settings (
    id              integer primary key check (id = 1),
    incarnation     text    not null,
    initial_amount  integer not null check (initial_amount >= 0),
    created_at      integer not null
) strict;

-- One account for each user. credits is the balance, including held, the credits of open reservations. version increases by one with
-- each change of either.
create table user_credits (
    user_id           text    not null primary key,
    credits           integer not null check (credits between 0 and 9007199254740991),
    held              integer not null check (held >= 0),
    version           integer not null check (version >= 0),
    next_hold_expiry  integer,
    created_at        integer not null,
    updated_at        integer not null,
    check (credits - held >= 0)
) strict, without rowid;

-- Append-only: one row for each version of an account. Only consume, capture, grant and refund entries have an idempotency key, which is
-- never deleted. refers_to is the hold that an entry closes, or the entry that a refund returns.
create table credit_ledger (
    id               integer primary key,
    user_id          text    not null references user_credits (user_id),
    version          integer not null check (version >= 1),
    kind             text    not null
        check (kind in ('init', 'grant', 'consume', 'refund', 'capture', 'hold', 'release', 'expire', 'adjust')),
    amount           integer not null,
    held_delta       integer not null,
    balance_after    integer not null check (balance_after >= 0),
    idempotency_key  text    check (length(idempotency_key) between 1 and 255),
    fingerprint      text,
    reservation_id   text,
    refers_to        integer references credit_ledger (id),
    actor            text,
    reason           text,
    metadata         text    check (length(metadata) <= 4096),
    created_at       integer not null,
    unique (user_id, version)
) strict;

create unique index credit_ledger_key on credit_ledger (user_id, idempotency_key) where idempotency_key is not null;

-- A hold is closed by one entry, and a reservation is captured once.
create unique index credit_ledger_closing on credit_ledger (refers_to) where held_delta < 0;
create unique index credit_ledger_capture on credit_ledger (reservation_id) where kind = 'capture';

create trigger credit_ledger_reject_delete before delete on credit_ledger
begin
    select raise(abort, 'credit_ledger is append-only: DELETE is not allowed.');
end;

create trigger credit_ledger_reject_update before update on credit_ledger
begin
    select raise(abort, 'credit_ledger is append-only: UPDATE is not allowed.');
end;

-- One row for each idempotency key. A key whose reservation was released or expired may be reserved again as the next attempt.
-- attempt is a fencing token. lease_owner is the request that works on the reservation, null for a reservation of host code.
-- hold_entry is the ledger entry of the latest hold.
create table credit_reservations (
    id                     text    not null primary key,
    user_id                text    not null references user_credits (user_id),
    idempotency_key        text    not null check (length(idempotency_key) between 1 and 255),
    fingerprint            text,
    attempt                integer not null check (attempt >= 1),
    lease_owner            text,
    amount                 integer not null check (amount > 0),
    captured               integer not null default 0 check (captured between 0 and amount),
    state                  text    not null check (state in ('held', 'captured', 'released', 'expired')),
    expires_at             integer not null,
    hold_entry             integer not null references credit_ledger (id),
    response_status        integer,
    response_content_type  text,
    response_location      text,
    response_headers       text    check (length(response_headers) <= 32768),
    response_body          blob    check (length(response_body) <= 1048576),
    created_at             integer not null,
    closed_at              integer,
    unique (user_id, idempotency_key)
) strict;

create index credit_reservations_held on credit_reservations (user_id, expires_at) where state = 'held';
create index credit_reservations_bodies on credit_reservations (closed_at) where response_body is not null;
create index credit_reservations_due on credit_reservations (expires_at) where state = 'held';

-- Activity of the users, written with each change. A balance is never computed from it.
create table usage_logs (
    id          integer primary key,
    user_id     text    not null,
    action      text    not null,
    credits     integer not null,
    ledger_id   integer references credit_ledger (id),
    created_at  integer not null
) strict;

create index usage_logs_created_at on usage_logs (created_at, user_id);

-- The manifest of the stored files. Their content is in the file system.
create table stored_files (
    user_id       text    not null,
    name          text    not null,
    -- The user's own name for the file, for display only. It can be empty.
    display_name  text    not null,
    size          integer not null check (size >= 0),
    sha256        text    not null,
    content_type  text    not null,
    created_at    integer not null,
    primary key (user_id, name)
) strict, without rowid;

create index stored_files_name on stored_files (name);
