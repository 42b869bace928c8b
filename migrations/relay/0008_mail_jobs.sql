-- What is written by the calendar, and by whom mail was bounced or complained of.

-- A job's moments, as five fields by the shop's own clock; none: it does not run.
CREATE TABLE mail_calendars (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    job         TEXT NOT NULL CHECK (job IN ('balance')),
    calendar    TEXT NOT NULL,
    -- Moments before this are none of it.
    since       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, job)
);

-- Each moment once, whichever relay is first.
CREATE TABLE mail_runs (
    shop_id     BYTEA NOT NULL,
    job         TEXT NOT NULL,
    planned_at  BIGINT NOT NULL,
    ran_at      BIGINT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('done', 'skipped')),
    made        BIGINT NOT NULL CHECK (made >= 0),
    PRIMARY KEY (shop_id, job, planned_at)
);

-- Whose points changed since they were last told, and when.
CREATE TABLE mail_changed (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, member_id)
);
