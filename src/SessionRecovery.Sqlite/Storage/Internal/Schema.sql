-- The script creates only tables, indexes and triggers that do not exist, so that it also completes a database of an earlier version.

-- Times are stored as integers in units of 100 ns since 1970 UTC: datetime(created_at / 10000000, 'unixepoch'). Credits are stored as whole
-- numbers below 2^53, which JavaScript represents exactly.

-- The table settings has one row. The column incarnation identifies the history of versions in this database. A database that was restored
-- from a backup needs a new incarnation, because its versions are older than those that clients have seen.
create table if not exists settings (
    id              integer primary key check (id = 1),
    incarnation     text    not null,
    initial_amount  integer not null check (initial_amount >= 0),
    created_at      integer not null,

    -- Each health check writes this column to find out whether the database can be written.
    checked_at      integer
) strict;

-- The table user_credits has one row for each user. The column credits is the balance, and held is the part of the balance that open
-- reservations hold. Each change of credits or held increments version by one. The column last_entry contains the id of the latest ledger
-- entry of the user. The store inserts an account with last_entry 0, which means that no ledger entry exists yet. Other programs may
-- insert accounts and change credits, and the triggers below record these changes in the ledger. If a change by another program makes
-- credits lower than held, the update trigger releases reservations until held is at most credits.
create table if not exists user_credits (
    user_id           text    not null primary key,
    credits           integer not null check (credits between 0 and 9007199254740991),
    held              integer not null default 0 check (held >= 0),
    version           integer not null default 0 check (version >= 0),
    next_hold_expiry  integer,
    created_at        integer not null default (cast(strftime('%s', 'now') as integer) * 10000000
        + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000),
    updated_at        integer not null default (cast(strftime('%s', 'now') as integer) * 10000000
        + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000),
    last_entry        integer
) strict, without rowid;

-- The append-only table credit_ledger has one row for each version of an account. The column previous contains the id of the entry with
-- the previous version of the same account, and is null in the first entry. The entries of an account are read in this order, because an
-- index of all versions would add a page to each charge that SQLite writes. Only consume, capture, grant and refund entries and the adjust
-- entries of operators have an idempotency key, which is never deleted. The column refers_to contains the id of the hold entry that an
-- entry closes, or of the entry that a refund returns. The column actor names the operator of an adjust entry. The store writes a ledger
-- entry before it updates the account, so that the triggers of user_credits can compare the two rows. A new account is inserted before its
-- first entry. In the opposite order, SQLite would search the whole ledger for entries whose foreign key the new account satisfies. The
-- column kind is compared with one value after the other, because SQLite would build a temporary index of the values of an IN list for
-- each inserted row.
create table if not exists credit_ledger (
    id               integer primary key,
    user_id          text    not null references user_credits (user_id) deferrable initially deferred,
    version          integer not null check (version >= 1),
    previous         integer check (previous is null or version > 1),
    kind             text    not null
        check (kind = 'consume' or kind = 'hold' or kind = 'capture' or kind = 'release' or kind = 'expire' or kind = 'init'
            or kind = 'grant' or kind = 'refund' or kind = 'adjust'),
    amount           integer not null,
    held_delta       integer not null,
    balance_after    integer not null check (balance_after >= 0),
    held_after       integer not null,
    idempotency_key  text    check (length(idempotency_key) between 1 and 255),
    fingerprint      text,
    reservation_id   text,
    refers_to        integer references credit_ledger (id),
    actor            text,
    reason           text,
    metadata         text    check (length(metadata) <= 4096),
    created_at       integer not null
) strict;

-- The following index finds idempotency keys and entries of a user, except those of reservations. The keys of reservations are found in
-- credit_reservations. An index that begins with the user id would add a page to each hold and each capture that SQLite writes.
create unique index if not exists credit_ledger_key on credit_ledger (user_id, idempotency_key) where reservation_id is null;

-- The following index contains every 64th version. A page of the history that begins at a version follows at most 64 entries to this
-- version.
create unique index if not exists credit_ledger_versions on credit_ledger (user_id, version) where version % 64 = 0;

-- The following indexes ensure that at most one entry closes a hold, and that a reservation is captured at most once.
create unique index if not exists credit_ledger_closing on credit_ledger (refers_to) where held_delta < 0;
create unique index if not exists credit_ledger_capture on credit_ledger (reservation_id) where kind = 'capture';

-- The following index finds the refunds of an entry.
create index if not exists credit_ledger_refunds on credit_ledger (refers_to) where kind = 'refund';

create trigger if not exists credit_ledger_reject_delete before delete on credit_ledger
begin
    select raise(abort, 'credit_ledger is append-only: DELETE is not allowed.');
end;

create trigger if not exists credit_ledger_reject_update before update on credit_ledger
begin
    select raise(abort, 'credit_ledger is append-only: UPDATE is not allowed.');
end;

-- The table credit_reservations has one row for each idempotency key. A released or expired key can be reserved again as the next attempt.
-- The column attempt is a fencing token. The column lease_owner identifies the request that works on the reservation, and is null for a
-- reservation of host code. The column hold_entry contains the id of the latest hold entry in the ledger. An open reservation without a
-- price (amount 0) has the state running and not held. It only protects its key, adds no ledger entry, and needs no account. If an earlier
-- attempt had a price, hold_entry still contains the hold entry of that attempt.
create table if not exists credit_reservations (
    id                     text    not null primary key,
    user_id                text    not null,
    idempotency_key        text    not null check (length(idempotency_key) between 1 and 255),
    fingerprint            text,
    attempt                integer not null check (attempt >= 1),
    lease_owner            text,
    amount                 integer not null check (amount >= 0),
    captured               integer not null default 0 check (captured between 0 and amount),
    state                  text    not null
        check (state = 'held' or state = 'captured' or state = 'released' or state = 'running' or state = 'expired'),
    expires_at             integer not null,
    hold_entry             integer references credit_ledger (id),
    response_status        integer,
    response_content_type  text,
    response_location      text,
    response_headers       text    check (length(response_headers) <= 32768),
    response_body          blob    check (length(response_body) <= 1048576),
    created_at             integer not null,
    closed_at              integer,
    unique (user_id, idempotency_key),
    check (hold_entry is not null or amount = 0),
    check (case state when 'held' then amount > 0 when 'running' then amount = 0 else 1 end)
) strict;

create trigger if not exists credit_reservations_reject_delete before delete on credit_reservations
when old.hold_entry is not null
begin
    select raise(abort, 'A row of credit_reservations with ledger entries cannot be deleted, because the ledger remains.');
end;

create trigger if not exists credit_reservations_reject_update before update of id, user_id, idempotency_key on credit_reservations
begin
    select raise(abort, 'The columns id, user_id and idempotency_key of credit_reservations cannot be changed.');
end;

-- The following trigger rejects a change after which a reservation would differ from the ledger. The store appends the ledger entry first
-- and then updates the reservation.
create trigger if not exists credit_reservations_reject_change
before update of state, amount, captured, hold_entry on credit_reservations
when (new.state, new.amount, new.captured, new.hold_entry) is not (old.state, old.amount, old.captured, old.hold_entry) and (
    new.hold_entry is not old.hold_entry and (new.hold_entry < old.hold_entry or not exists (
        select 1 from credit_ledger l where l.id = new.hold_entry and l.reservation_id = new.id and l.kind = 'hold'))
    or new.amount > 0 and new.amount is not (select l.held_delta from credit_ledger l where l.id = new.hold_entry)
    or new.hold_entry is not null and (new.state = 'held') = exists (
        select 1 from credit_ledger l where l.refers_to = new.hold_entry and l.held_delta < 0)
    or new.captured <> coalesce((
        select -l.amount from credit_ledger l where l.reservation_id = new.id and l.kind = 'capture'), 0)
    or new.state <> 'captured' and (new.captured > 0 or old.state = 'captured'))
begin
    select raise(abort, 'Other programs may change user_credits.credits only: reservations follow from the ledger.');
end;

create index if not exists credit_reservations_held on credit_reservations (user_id, expires_at) where state = 'held';
create index if not exists credit_reservations_running on credit_reservations (user_id) where state = 'running';
create index if not exists credit_reservations_responses on credit_reservations (closed_at)
    where response_body is not null or response_headers is not null or amount = 0 and response_location is not null;
create index if not exists credit_reservations_priceless on credit_reservations (coalesce(closed_at, expires_at))
    where hold_entry is null;

-- The following view contains the entries that can be the last entry of an account: the entries without a reservation, and of each
-- reservation its latest hold entry, the entry that closed this hold, and the capture. The highest id is the id of the last entry.
create view if not exists credit_ledger_last_entries as
select l.user_id, l.id from credit_ledger l where l.reservation_id is null
union all
select r.user_id, r.hold_entry from credit_reservations r
union all
select r.user_id, l.id from credit_reservations r join credit_ledger l on l.refers_to = r.hold_entry and l.held_delta < 0
union all
select r.user_id, l.id from credit_reservations r join credit_ledger l on l.reservation_id = r.id and l.kind = 'capture';

-- The following trigger handles changes of user_credits by other programs, for example a database tool or a script. The store itself
-- appends the ledger entries first and then updates the row, so the conditions below are false for its own changes. A change by another
-- program is recorded as an adjust entry. A change that the ledger cannot express is rejected. The trigger runs in the other program's copy
-- of SQLite, so its messages are constants and its syntax is limited to SQLite 3.37.
create trigger if not exists user_credits_record_update
after update of user_id, credits, held, version, next_hold_expiry, last_entry on user_credits
when new.user_id <> old.user_id
    or new.held > new.credits
    or (
        case new.last_entry when old.last_entry
            then new.version <> old.version or new.credits <> old.credits or new.held <> old.held
            else not exists (
                select 1 from credit_ledger l
                where l.id = new.last_entry and coalesce(l.previous, 0) >= old.last_entry and l.user_id = new.user_id
                    and l.version = new.version and l.balance_after = new.credits and l.held_after = new.held)
            end
        or new.next_hold_expiry is not old.next_hold_expiry
            and new.next_hold_expiry is not (
                select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'))
    -- A row that agrees with the ledger is accepted, even if the previous row did not agree with the ledger. An entry that does not follow
    -- the last entry of the account is not accepted.
    and (
        new.last_entry is not (select max(l.id) from credit_ledger_last_entries l where l.user_id = new.user_id)
        or old.last_entry < new.last_entry
            and (select coalesce(l.previous, 0) from credit_ledger l where l.id = new.last_entry) < old.last_entry
            and exists (select 1 from credit_ledger l where l.id = old.last_entry and l.user_id = old.user_id)
        or (new.version, new.credits) is not (
            select l.version, l.balance_after from credit_ledger l where l.id = new.last_entry)
        or new.held <> (
            select coalesce(sum(r.amount), 0) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
        or new.next_hold_expiry is not (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'))
begin
    select raise(abort, 'user_credits.user_id cannot be changed. Insert a row for the other user.')
    where new.user_id <> old.user_id;
    select raise(abort, 'Other programs may change user_credits.credits only: the other columns follow from the ledger.')
    where new.held <> old.held or new.version <> old.version or new.next_hold_expiry is not old.next_hold_expiry
        or new.last_entry is not old.last_entry;

    insert into credit_ledger (
        user_id, version, previous, kind, amount, held_delta, balance_after, held_after, reason, created_at)
    values (new.user_id, old.version + 1, nullif(old.last_entry, 0), 'adjust', new.credits - old.credits, 0, new.credits, old.held,
        'changed by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000));

    -- If the remaining credits are lower than the held credits, the newest reservations are released. The entry with the highest id is
    -- inserted first, so that an entry that a trigger of another program inserts meanwhile gets an id after all of these.
    insert into credit_ledger (
        id, user_id, version, previous, kind, amount, held_delta, balance_after, held_after, reservation_id, refers_to, reason, created_at)
    select a.newest + h.position, new.user_id, old.version + 1 + h.position,
        case h.position when 1 then a.adjusted else a.newest + h.position - 1 end, 'release', 0, -h.amount, new.credits,
        old.held - h.newer - h.amount, h.id, h.hold_entry, 'changed by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    from (
        select (select max(l.id) from credit_ledger l) as newest,
            (select max(l.id) from credit_ledger_last_entries l where l.user_id = new.user_id) as adjusted) a, (
        select r.id, r.amount, r.hold_entry, row_number() over (order by r.hold_entry desc) as position,
            sum(r.amount) over (order by r.hold_entry desc rows unbounded preceding) - r.amount as newer
        from credit_reservations r where r.user_id = new.user_id and r.state = 'held') h
    where old.held - h.newer > new.credits
    order by h.position desc;
    update credit_reservations set state = 'released',
        closed_at = (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    where user_id = new.user_id and state = 'held' and exists (
        select 1 from credit_ledger l where l.refers_to = credit_reservations.hold_entry and l.held_delta < 0);

    update user_credits set
        (last_entry, version, held) = (
            select l.id, l.version, l.held_after from credit_ledger l
            where l.id = (select max(m.id) from credit_ledger_last_entries m where m.user_id = new.user_id)),
        next_hold_expiry = (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held'),
        updated_at = (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    where user_id = new.user_id;
    select raise(abort, 'This change of user_credits.credits would leave less than is held: the ledger and the reservations differ.')
    where exists (select 1 from user_credits u where u.user_id = new.user_id and u.held > u.credits);
end;

-- The following trigger handles accounts that another program inserts. REPLACE deletes the old row without running the delete trigger, so
-- an inserted account may already have a ledger and open reservations. Existing reservations stay open. A new account of the store, with
-- last_entry 0, is empty. In a query with one max(), SQLite takes the other columns from the row with the maximum.
create trigger if not exists user_credits_record_insert after insert on user_credits
when nullif(new.last_entry, 0) is not (select max(l.id) from credit_ledger_last_entries l where l.user_id = new.user_id)
    or (new.version, new.credits) is not (
        select l.version, l.balance_after from credit_ledger l where l.id = new.last_entry
        union all select 0, 0 where new.last_entry = 0)
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

    insert into credit_ledger (
        user_id, version, previous, kind, amount, held_delta, balance_after, held_after, reason, created_at)
    select new.user_id, coalesce(max(l.version), 0) + 1, l.id, case count(*) when 0 then 'init' else 'adjust' end,
        new.credits - coalesce(l.balance_after, 0), 0, new.credits, coalesce(l.held_after, 0), 'inserted by another program',
        (cast(strftime('%s', 'now') as integer) * 10000000 + cast(substr(strftime('%f', 'now'), 4) as integer) * 10000)
    from credit_ledger_last_entries e join credit_ledger l on l.id = e.id where e.user_id = new.user_id;

    update user_credits set
        (last_entry, version, held) = (
            select l.id, l.version, l.held_after from credit_ledger l
            where l.id = (select max(m.id) from credit_ledger_last_entries m where m.user_id = new.user_id)),
        next_hold_expiry = (
            select min(r.expires_at) from credit_reservations r where r.user_id = new.user_id and r.state = 'held')
    where user_id = new.user_id;
end;

create trigger if not exists user_credits_reject_delete before delete on user_credits
begin
    select raise(abort, 'A row of user_credits cannot be deleted, because its ledger remains. Set credits to 0 instead.');
end;

-- The view usage_logs shows the activity of users: charges, and accounts that were initialized for a signed-in user. Accounts that other
-- programs inserted have a reason. An account that a grant opened has a grant with the same time as its second entry. The log is a view,
-- because a table would add two pages to each charge that SQLite writes.
create view if not exists usage_logs as
select l.id, l.user_id, l.kind as action, l.amount as credits, l.id as ledger_id, l.created_at
from credit_ledger l
where l.kind in ('consume', 'capture') or l.kind = 'init' and l.reason is null and not exists (
    select 1 from credit_ledger g
    where g.user_id = l.user_id and g.reservation_id is null and g.version = 2 and g.kind = 'grant' and g.created_at = l.created_at);

-- The table active_users records when a user was last active without a charge. The store writes the latest users about once a minute and
-- when the application stops, so that the next start finds the users who were present.
create table if not exists active_users (
    user_id  text    not null primary key,
    last_at  integer not null
) strict, without rowid;

create index if not exists active_users_last_at on active_users (last_at, user_id);

-- The table stored_files is the manifest of the stored files. The content of the files is stored in the file system.
create table if not exists stored_files (
    user_id       text    not null,
    name          text    not null,
    -- The file name that the user chose, for display only. The name can be empty.
    display_name  text    not null,
    size          integer not null check (size >= 0),
    sha256        text    not null,
    content_type  text    not null,
    created_at    integer not null,
    primary key (user_id, name)
) strict, without rowid;

create index if not exists stored_files_name on stored_files (name);

-- The table key_ring contains the Data Protection key ring of a host that calls PersistDataProtectionKeys(). If the host does not encrypt
-- its keys, a reader of the database file can create sign-in cookies.
create table if not exists key_ring (
    name        text    not null unique check (length(name) between 1 and 200),
    xml         text    not null check (length(xml) between 1 and 65536),
    created_at  integer not null
) strict;
