-- Times are integers in units of 100 ns since 1970 UTC: datetime(created_at / 10000000, 'unixepoch').
-- Credits are whole numbers below 2^53, which JavaScript represents exactly.

-- One row with the values that no caller may choose. incarnation identifies this history of the ledger; a database that was restored
-- from a backup needs a new one, because versions fall.
create table settings (
    id              integer primary key check (id = 1),
    incarnation     text    not null,
    initial_amount  integer not null check (initial_amount >= 0),
    created_at      integer not null,

    -- Written by each health check, which so learns whether the file can be written.
    checked_at      integer
) strict;

-- One account for each user. credits is the balance, including held, the credits of open reservations. version increases by one with
-- each change of either. Other programs may insert accounts and change credits; the triggers below record it in the ledger. The trigger
-- of an update also ensures that held is at most credits: after a change by another program it first releases reservations.
create table user_credits (
    user_id           text    not null primary key,
    credits           integer not null check (credits between 0 and 9007199254740991),
    held              integer not null default 0 check (held >= 0),
    version           integer not null default 0 check (version >= 0),
    next_hold_expiry  integer,
    created_at        integer not null default (cast(strftime('%s', 'now') as integer) * 10000000
        + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000),
    updated_at        integer not null default (cast(strftime('%s', 'now') as integer) * 10000000
        + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
) strict, without rowid;

-- Append-only: one row for each version of an account. Only consume, capture, grant and refund entries have an idempotency key, which is
-- never deleted. refers_to is the hold that an entry closes, or the entry that a refund returns. An entry is written before the row of its
-- account, so that the triggers of user_credits can compare the two.
create table credit_ledger (
    id               integer primary key,
    user_id          text    not null references user_credits (user_id) deferrable initially deferred,
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

-- Changes of user_credits by other programs: a database tool, a webhook, a script. This store appends the ledger entries first and then
-- writes the row with their last version, so that its own changes agree with the ledger, and the conditions below are false. A change that
-- does not agree comes from another program. It becomes an adjust entry, or an init entry if the user has no ledger yet. A change that the
-- ledger cannot express is rejected. The messages are constants and the syntax is that of SQLite 3.37, because the triggers run in the
-- other program's copy of SQLite.
create trigger user_credits_record_update after update of user_id, credits, held, version, next_hold_expiry on user_credits
when new.user_id <> old.user_id
    or new.held > new.credits
    or (
        case new.version when old.version then new.credits <> old.credits or new.held <> old.held
            else new.credits is not (
                    select l.balance_after from credit_ledger l where l.user_id = new.user_id and l.version = new.version)
                or new.held - old.held is not (
                    select sum(l.held_delta) from credit_ledger l
                    where l.user_id = new.user_id and l.version > old.version and l.version <= new.version)
            end
        or new.next_hold_expiry is not old.next_hold_expiry
            and new.next_hold_expiry is not (
                select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'))
    -- A row that agrees with the ledger as a whole is right, whatever it was before.
    and (
        new.version is not (select max(l.version) from credit_ledger l where l.user_id = new.user_id)
        or new.credits is not (
            select l.balance_after from credit_ledger l where l.user_id = new.user_id and l.version = new.version)
        or new.held <> (
            select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
        or new.next_hold_expiry is not (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'))
begin
    select raise(abort, 'user_credits.user_id cannot be changed. Insert a row for the other user.')
    where new.user_id <> old.user_id;
    select raise(abort, 'Other programs may change user_credits.credits only: held, version and next_hold_expiry follow from the ledger.')
    where new.held <> old.held or new.version <> old.version or new.next_hold_expiry is not old.next_hold_expiry;

    insert into credit_ledger (user_id, version, kind, amount, held_delta, balance_after, reason, created_at)
    values (new.user_id, old.version + 1, 'adjust', new.credits - old.credits, 0, new.credits, 'changed by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000));

    -- If less is left than is held, the newest reservations are released.
    insert into credit_ledger (
        user_id, version, kind, amount, held_delta, balance_after, reservation_id, refers_to, reason, created_at)
    select new.user_id, old.version + 1 + row_number() over (order by h.hold_entry desc), 'release', 0, -h.amount, new.credits, h.id,
        h.hold_entry, 'changed by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    from (
        select r.id, r.amount, r.hold_entry,
            sum(r.amount) over (order by r.hold_entry desc rows unbounded preceding) - r.amount as newer
        from credit_reservations r where r.user_id = new.user_id and r.state = 'held') h
    where old.held - h.newer > new.credits;
    update credit_reservations set state = 'released',
        closed_at = (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    where user_id = new.user_id and state = 'held' and exists (
        select 1 from credit_ledger l where l.refers_to = credit_reservations.hold_entry and l.held_delta < 0);

    update user_credits set
        held = old.held + (
            select sum(l.held_delta) from credit_ledger l where l.user_id = new.user_id and l.version > old.version),
        version = (select max(l.version) from credit_ledger l where l.user_id = new.user_id),
        next_hold_expiry = (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'),
        updated_at = (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    where user_id = new.user_id;
    select raise(abort, 'This change of user_credits.credits would leave less than is held. Release the reservations first.')
    where exists (select 1 from user_credits u where u.user_id = new.user_id and u.held > u.credits);
end;

-- REPLACE deletes the earlier row without a trigger, so that an inserted account may have a ledger and open reservations. They go on.
create trigger user_credits_record_insert after insert on user_credits
when new.version is not (select max(l.version) from credit_ledger l where l.user_id = new.user_id)
    or new.credits is not (select l.balance_after from credit_ledger l where l.user_id = new.user_id and l.version = new.version)
    or new.held <> (
        select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
    or new.next_hold_expiry is not (
        select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
begin
    select raise(abort, 'A new row of user_credits has no held credits, which follow from reservations. Insert user_id and credits.')
    where new.held not in (
        0, (select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'));
    select raise(abort, 'The row of user_credits has less than open reservations hold. Use UPDATE, which releases them.')
    where new.credits < (
        select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held');

    insert into credit_ledger (user_id, version, kind, amount, held_delta, balance_after, reason, created_at)
    select new.user_id, coalesce(max(l.version), 0) + 1, case count(*) when 0 then 'init' else 'adjust' end,
        new.credits - coalesce(sum(l.amount), 0), 0, new.credits, 'inserted by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    from credit_ledger l where l.user_id = new.user_id;

    update user_credits set
        held = (select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'),
        version = (select max(l.version) from credit_ledger l where l.user_id = new.user_id),
        next_hold_expiry = (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
    where user_id = new.user_id;
end;

create trigger user_credits_reject_delete before delete on user_credits
begin
    select raise(abort, 'A row of user_credits cannot be deleted, because its ledger remains. Set credits to 0 instead.');
end;

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
