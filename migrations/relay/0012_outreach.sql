-- Mails to other shops that wait for somebody's yes: exactly as they will go out.

CREATE TABLE outreach (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    outreach_id BYTEA NOT NULL CHECK (length(outreach_id) = 16),
    -- Those that were drafted together are one task to look through.
    task_id     BYTEA NOT NULL CHECK (length(task_id) = 16),
    -- The partner's link, name and address.
    code        TEXT NOT NULL CHECK (code <> ''),
    partner     TEXT NOT NULL CHECK (partner <> ''),
    address     TEXT NOT NULL CHECK (address <> ''),
    subject     TEXT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('drafted', 'approved', 'rejected')),
    drafted_by  TEXT NOT NULL CHECK (drafted_by <> ''),
    drafted_at  BIGINT NOT NULL,
    edited_by   TEXT,
    edited_at   BIGINT,
    decided_by  TEXT,
    decided_at  BIGINT,
    PRIMARY KEY (shop_id, outreach_id),
    CHECK ((state = 'drafted') = (decided_at IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((edited_by IS NULL) = (edited_at IS NULL))
);

-- A partner has one mail waiting at the most.
CREATE UNIQUE INDEX outreach_waiting ON outreach (shop_id, code) WHERE state = 'drafted';
