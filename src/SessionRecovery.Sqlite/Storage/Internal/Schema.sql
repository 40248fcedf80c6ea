-- All times are INTEGER, in units of 100 ns since 1970 UTC: datetime(created_at / 10000000, 'unixepoch').
-- Credits are whole and below 2^53, which JavaScript can hold exactly.

CREATE TABLE settings (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    incarnation     TEXT    NOT NULL,
    initial_amount  INTEGER NOT NULL CHECK (initial_amount >= 0),
    created_at      INTEGER NOT NULL
) STRICT;

-- One row for each user: credits is what was booked, held what is reserved. version rises by one with every change of either.
CREATE TABLE user_credits (
    user_id           TEXT    NOT NULL PRIMARY KEY,
    credits           INTEGER NOT NULL CHECK (credits BETWEEN 0 AND 9007199254740991),
    held              INTEGER NOT NULL CHECK (held >= 0),
    version           INTEGER NOT NULL CHECK (version >= 0),
    next_hold_expiry  INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    CHECK (credits - held >= 0)
) STRICT, WITHOUT ROWID;

-- The book behind the balance: one row for each version. Only rows that spend or grant carry the key, so it never expires.
CREATE TABLE credit_ledger (
    id               INTEGER PRIMARY KEY,
    user_id          TEXT    NOT NULL REFERENCES user_credits (user_id),
    version          INTEGER NOT NULL CHECK (version >= 1),
    kind             TEXT    NOT NULL CHECK (kind IN ('init', 'grant', 'consume', 'refund', 'capture', 'hold', 'release', 'expire', 'adjust')),
    amount           INTEGER NOT NULL,
    held_delta       INTEGER NOT NULL,
    balance_after    INTEGER NOT NULL CHECK (balance_after >= 0),
    idempotency_key  TEXT    CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint      TEXT,
    reservation_id   TEXT,
    refers_to        INTEGER REFERENCES credit_ledger (id),
    actor            TEXT,
    reason           TEXT,
    metadata         TEXT    CHECK (length(metadata) <= 4096),
    created_at       INTEGER NOT NULL,
    UNIQUE (user_id, version)
) STRICT;

CREATE UNIQUE INDEX credit_ledger_key ON credit_ledger (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- A hold has one ending row, whatever ended it, and a reservation is paid once.
CREATE UNIQUE INDEX credit_ledger_ending ON credit_ledger (refers_to) WHERE held_delta < 0;
CREATE UNIQUE INDEX credit_ledger_capture ON credit_ledger (reservation_id) WHERE kind = 'capture';

CREATE TRIGGER credit_ledger_keeps_rows BEFORE DELETE ON credit_ledger
BEGIN
    SELECT RAISE(ABORT, 'credit_ledger is append-only');
END;

CREATE TRIGGER credit_ledger_keeps_values BEFORE UPDATE ON credit_ledger
BEGIN
    SELECT RAISE(ABORT, 'credit_ledger is append-only');
END;

-- One row for each key: a hold that was released or lapsed is held again as the next attempt. hold_entry is the ledger row of
-- the latest hold.
CREATE TABLE credit_reservations (
    id                     TEXT    NOT NULL PRIMARY KEY,
    user_id                TEXT    NOT NULL REFERENCES user_credits (user_id),
    idempotency_key        TEXT    NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint            TEXT,
    attempt                INTEGER NOT NULL CHECK (attempt >= 1),
    runner                 TEXT,
    amount                 INTEGER NOT NULL CHECK (amount > 0),
    captured               INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
    state                  TEXT    NOT NULL CHECK (state IN ('held', 'captured', 'released', 'expired')),
    expires_at             INTEGER NOT NULL,
    hold_entry             INTEGER NOT NULL REFERENCES credit_ledger (id),
    response_status        INTEGER,
    response_content_type  TEXT,
    response_location      TEXT,
    response_body          BLOB    CHECK (length(response_body) <= 65536),
    created_at             INTEGER NOT NULL,
    closed_at              INTEGER,
    UNIQUE (user_id, idempotency_key)
) STRICT;

CREATE INDEX credit_reservations_held ON credit_reservations (user_id, expires_at) WHERE state = 'held';
CREATE INDEX credit_reservations_bodies ON credit_reservations (closed_at) WHERE response_body IS NOT NULL;
CREATE INDEX credit_reservations_due ON credit_reservations (expires_at) WHERE state = 'held';

-- The product's activity log, written with the effect; never used to compute a balance.
CREATE TABLE usage_logs (
    id          INTEGER PRIMARY KEY,
    user_id     TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    credits     INTEGER NOT NULL,
    ledger_id   INTEGER REFERENCES credit_ledger (id),
    created_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX usage_logs_created_at ON usage_logs (created_at, user_id);

CREATE TABLE stored_files (
    user_id       TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    size          INTEGER NOT NULL CHECK (size >= 0),
    sha256        TEXT    NOT NULL,
    content_type  TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
