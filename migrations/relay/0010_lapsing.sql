-- Who was here when, and what was done about members who stay away: read off the log, up to read_to. A relay that doesn't
-- know these tables leaves them behind; the next one that does reads on from there.

CREATE TABLE visit_reads (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    -- Operations up to here are in the tables below.
    read_to     BIGINT NOT NULL CHECK (read_to >= 0),
    -- What is done where nothing was chosen, and points of a bonus: the last word by its clock and operation.
    usual       TEXT CHECK (usual IN ('nudge', 'bonus', 'rest')),
    bonus       BIGINT NOT NULL CHECK (bonus >= 0),
    usual_clock BIGINT NOT NULL,
    usual_op    BYTEA CHECK (length(usual_op) = 16),
    PRIMARY KEY (shop_id)
);

CREATE TABLE visits (
    shop_id     BYTEA NOT NULL,
    source      TEXT NOT NULL,
    sale_id     TEXT NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    at_ms       BIGINT NOT NULL,
    -- A held sale is none until it is approved; one that was taken back is none any more.
    state       TEXT NOT NULL CHECK (state IN ('here', 'held', 'gone')),
    PRIMARY KEY (shop_id, source, sale_id)
);

CREATE INDEX visits_by_member ON visits (shop_id, member_id, at_ms);

-- The owner's last word about each; no choice: as usual.
CREATE TABLE lapsing_chosen (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    clock       BIGINT NOT NULL,
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    at_ms       BIGINT NOT NULL,
    choice      TEXT CHECK (choice IN ('nudge', 'bonus', 'rest')),
    PRIMARY KEY (shop_id, member_id)
);

-- What was done, once for each mail of a lapse.
CREATE TABLE lapsing_acts (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    since       BIGINT NOT NULL,
    nth         BIGINT NOT NULL CHECK (nth >= 1),
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    at_ms       BIGINT NOT NULL,
    bonus       BIGINT NOT NULL CHECK (bonus >= 0),
    chosen      BYTEA CHECK (length(chosen) = 16),
    PRIMARY KEY (shop_id, member_id, since, nth)
);

-- When a shop's jobs run that have a usual time: what differs from it; without a calendar: it does not run.
CREATE TABLE job_calendars (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    job         TEXT NOT NULL CHECK (job <> ''),
    calendar    TEXT,
    -- Moments before this are none of it.
    since       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, job)
);
