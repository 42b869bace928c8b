-- The shop, its append-only log, and the personal data beside it.

CREATE TABLE shop (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    shop_id     BLOB NOT NULL CHECK (length(shop_id) = 16),
    till_id     BLOB NOT NULL CHECK (length(till_id) = 16),
    till_name   TEXT NOT NULL,
    name        TEXT NOT NULL,
    currency    TEXT NOT NULL CHECK (length(currency) = 3),
    -- Minor units in one major unit, as a power of ten, for the reports.
    digits      INTEGER NOT NULL CHECK (digits BETWEEN 0 AND 4),
    region      TEXT NOT NULL CHECK (length(region) = 2),
    timezone    TEXT NOT NULL
) STRICT;

-- What this machine remembers for itself; not part of the log.
CREATE TABLE settings (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last operation of each origin: the next one must follow it.
CREATE TABLE origins (
    origin      BLOB PRIMARY KEY CHECK (length(origin) = 16),
    seq         INTEGER NOT NULL CHECK (seq >= 0),
    head        BLOB NOT NULL CHECK (length(head) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE ops (
    op          INTEGER PRIMARY KEY,
    op_id       BLOB NOT NULL UNIQUE CHECK (length(op_id) = 16),
    origin      BLOB NOT NULL REFERENCES origins,
    origin_seq  INTEGER NOT NULL CHECK (origin_seq >= 1),
    at_ms       INTEGER NOT NULL,
    by          TEXT NOT NULL CHECK (by <> ''),
    body        TEXT NOT NULL,
    private     BLOB CHECK (length(private) = 32),
    prev        BLOB NOT NULL CHECK (length(prev) = 32),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (origin, origin_seq)
) STRICT;

CREATE TRIGGER ops_no_update BEFORE UPDATE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER ops_no_delete BEFORE DELETE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- Personal and secret data, erased by deleting the row; the operation keeps only a salted digest.
CREATE TABLE private (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    data        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER private_no_update BEFORE UPDATE ON private BEGIN SELECT RAISE(ABORT, 'append_only'); END;
