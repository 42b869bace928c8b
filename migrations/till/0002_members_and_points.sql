-- What the log adds up to: members, their points and rights, sales, staff, rules.

CREATE TABLE members (
    member          INTEGER PRIMARY KEY,
    member_id       BLOB NOT NULL UNIQUE CHECK (length(member_id) = 16),
    code            TEXT NOT NULL UNIQUE,
    phone           TEXT UNIQUE,
    name            TEXT NOT NULL DEFAULT '',
    email           TEXT NOT NULL DEFAULT '',
    email_consent   INTEGER NOT NULL DEFAULT 0 CHECK (email_consent IN (0, 1)),
    enrolled_at     INTEGER NOT NULL,
    visits          INTEGER NOT NULL DEFAULT 0 CHECK (visits >= 0),
    last_visit_at   INTEGER
) STRICT;
CREATE INDEX members_by_visit ON members (last_visit_at DESC);

-- Who may spend which of a member's points. The sum over holders is the balance.
CREATE TABLE rights (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    holder      BLOB NOT NULL CHECK (length(holder) = 16),
    points      INTEGER NOT NULL,
    PRIMARY KEY (member_id, holder)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    line            INTEGER PRIMARY KEY,
    entry_id        BLOB NOT NULL UNIQUE CHECK (length(entry_id) = 16),
    op_id           BLOB NOT NULL REFERENCES ops (op_id),
    member_id       BLOB NOT NULL REFERENCES members (member_id),
    kind            TEXT NOT NULL CHECK (kind IN ('opening', 'earn', 'bonus', 'adjust', 'redeem', 'refund', 'expire', 'reverse')),
    points          INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    -- The shop's calendar day of at_ms.
    day             TEXT NOT NULL CHECK (length(day) = 10),
    by              TEXT NOT NULL,
    rules_version   INTEGER,
    reasons         TEXT NOT NULL CHECK (json_valid(reasons)),
    reverses        BLOB UNIQUE REFERENCES ledger (entry_id),
    source          TEXT,
    sale_id         TEXT,
    total_minor     INTEGER,
    reward          TEXT,
    CHECK ((kind = 'reverse') = (reverses IS NOT NULL)),
    CHECK (kind <> 'redeem' OR (points < 0 AND reward IS NOT NULL)),
    CHECK (kind <> 'earn' OR (points >= 0 AND sale_id IS NOT NULL)),
    CHECK (kind NOT IN ('refund', 'expire') OR points <= 0)
) STRICT;
CREATE INDEX ledger_by_member ON ledger (member_id, at_ms DESC);
CREATE INDEX ledger_by_day ON ledger (day);

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;
-- A reversal takes back exactly the line it names, of the same member, and never another reversal or a refund.
CREATE TRIGGER ledger_reverses_exactly BEFORE INSERT ON ledger WHEN NEW.reverses IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'not_reversible') WHERE NOT EXISTS (
        SELECT 1 FROM ledger l
        WHERE l.entry_id = NEW.reverses AND l.kind NOT IN ('reverse', 'refund') AND l.member_id = NEW.member_id AND l.points = -NEW.points);
END;

CREATE TABLE sales (
    source          TEXT NOT NULL CHECK (source <> ''),
    sale_id         TEXT NOT NULL CHECK (sale_id <> ''),
    op_id           BLOB NOT NULL REFERENCES ops (op_id),
    member_id       BLOB REFERENCES members (member_id),
    entry_id        BLOB UNIQUE REFERENCES ledger (entry_id),
    total_minor     INTEGER NOT NULL CHECK (total_minor >= 0),
    items           TEXT NOT NULL CHECK (json_valid(items)),
    occurred_at     INTEGER NOT NULL,
    day             TEXT NOT NULL CHECK (length(day) = 10),
    move            TEXT NOT NULL CHECK (move IN ('skip', 'add', 'add_reward', 'hold')),
    points          INTEGER NOT NULL,
    -- Taken back: by a reversal of its line, or refunded whole.
    reversed        INTEGER NOT NULL DEFAULT 0 CHECK (reversed IN (0, 1)),
    refunded_minor  INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND total_minor),
    -- What became of a held sale; null while it waits.
    decision        TEXT CHECK (decision IN ('approved', 'rejected')),
    CHECK (decision IS NULL OR move = 'hold'),
    PRIMARY KEY (source, sale_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sales_by_member ON sales (member_id, occurred_at DESC) WHERE member_id IS NOT NULL;
CREATE INDEX sales_by_day ON sales (day);
CREATE INDEX sales_waiting ON sales (occurred_at) WHERE move = 'hold' AND decision IS NULL;

-- Money given back. A refund's number is the provider's (or made here), unique like a sale's.
CREATE TABLE refunds (
    source          TEXT NOT NULL,
    refund_id       TEXT NOT NULL CHECK (refund_id <> ''),
    sale_id         TEXT NOT NULL,
    op_id           BLOB NOT NULL REFERENCES ops (op_id),
    amount_minor    INTEGER NOT NULL CHECK (amount_minor >= 0),
    points          INTEGER NOT NULL CHECK (points <= 0),
    PRIMARY KEY (source, refund_id),
    FOREIGN KEY (source, sale_id) REFERENCES sales
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
    version     INTEGER PRIMARY KEY CHECK (version >= 1),
    text        TEXT NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    at_ms       INTEGER NOT NULL,
    by          TEXT NOT NULL
) STRICT;

-- The rewards of each version of the rules, for the reports.
CREATE TABLE rewards (
    version     INTEGER NOT NULL REFERENCES rules,
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    points      INTEGER NOT NULL CHECK (points > 0),
    cost_minor  INTEGER,
    PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff (
    staff_id    BLOB PRIMARY KEY CHECK (length(staff_id) = 16),
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('cashier', 'manager', 'owner')),
    pin_hash    TEXT NOT NULL,
    active      INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Wrong PINs in a row on this machine, and until when it waits; it survives a restart.
CREATE TABLE pin_attempts (
    staff_id    BLOB PRIMARY KEY REFERENCES staff,
    failures    INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
