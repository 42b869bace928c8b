-- Mail: how each shop sends it, in whose words, what waits to be sent, and who agreed at which address.

CREATE TABLE mail_shops (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    -- The address that mail comes from, where answers go if that is elsewhere, and the owner's own.
    sender      TEXT NOT NULL CHECK (sender <> ''),
    reply_to    TEXT,
    owner       TEXT,
    -- Where the shop is, for the foot of every mail.
    postal      TEXT NOT NULL,
    -- The server that takes the mail.
    host        TEXT NOT NULL CHECK (host <> ''),
    port        BIGINT NOT NULL CHECK (port BETWEEN 1 AND 65535),
    security    TEXT NOT NULL CHECK (security IN ('tls', 'starttls', 'none')),
    username    TEXT,
    -- Sealed with the relay's key, which is not in the database.
    password    BYTEA,
    -- A certificate (PEM) that is trusted for this server beside the usual ones.
    ca          TEXT,
    -- At most so many in an hour, and to one person of those that are the shop's own idea so many in seven days.
    per_hour    BIGINT NOT NULL CHECK (per_hour BETWEEN 1 AND 1000000),
    per_week    BIGINT NOT NULL CHECK (per_week BETWEEN 0 AND 50),
    -- Minutes of the shop's day between which no mail goes to members; the same twice: there are none.
    quiet_from  BIGINT NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_to    BIGINT NOT NULL CHECK (quiet_to BETWEEN 0 AND 1439),
    paused      BIGINT NOT NULL CHECK (paused IN (0, 1)),
    -- Signs the links in mails, and hides addresses in the tables below.
    link_key    BYTEA NOT NULL CHECK (length(link_key) = 32),
    since       BIGINT NOT NULL,
    -- What the server last complained of, and when; none since it last took a mail.
    problem     TEXT,
    problem_at  BIGINT,
    PRIMARY KEY (shop_id),
    CHECK (password IS NULL OR username IS NOT NULL)
);

-- What the owner wrote; the newest is in force.
CREATE TABLE mail_voices (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    version     BIGINT NOT NULL CHECK (version >= 1),
    text        TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, version)
);

-- Each mail once: for one event, to one recipient, of one kind. No address and no name is here: they are looked up when
-- the mail is sent, so a member who is erased is erased here, too.
CREATE TABLE mails (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    mail_id     BYTEA NOT NULL CHECK (length(mail_id) = 16),
    event       TEXT NOT NULL CHECK (event <> ''),
    recipient   TEXT NOT NULL CHECK (recipient <> ''),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    -- None for the owner's.
    member_id   BYTEA CHECK (length(member_id) = 16),
    -- What it speaks of that is nobody's personal data, in JSON.
    said        TEXT NOT NULL,
    -- `sending` is written before the server is given the message. Whoever dies then leaves it so: nobody knows whether it
    -- arrived, and it is not sent again.
    state       TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
    due_at      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL CHECK (attempts >= 0),
    -- Until when, and by whose claim, somebody is at work on it.
    lease_until BIGINT NOT NULL,
    lease       BYTEA CHECK (length(lease) = 16),
    -- Where it went, as a keyed hash.
    address     BYTEA CHECK (length(address) = 32),
    -- Why it ended so, or was put off: a word of ours or the server's three digits.
    why         TEXT,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (shop_id, mail_id),
    UNIQUE (shop_id, event, recipient, kind)
);

CREATE INDEX mails_by_time ON mails (state, due_at);
CREATE INDEX mails_by_member ON mails (shop_id, member_id, ended_at);

-- How many each shop has sent in an hour, counted from 1970.
CREATE TABLE mail_hours (
    shop_id     BYTEA NOT NULL,
    hour        BIGINT NOT NULL,
    taken       BIGINT NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (shop_id, hour)
);

-- Who said yes at which address, by tapping the link that was sent there.
CREATE TABLE mail_confirmed (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    address     BYTEA NOT NULL CHECK (length(address) = 32),
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, member_id, address)
);

-- Addresses that mail doesn't reach, or whose owner complained of it. They outlive the member.
CREATE TABLE mail_suppressed (
    shop_id     BYTEA NOT NULL,
    address     BYTEA NOT NULL CHECK (length(address) = 32),
    -- Soft bounces so far.
    soft        BIGINT NOT NULL CHECK (soft >= 0),
    -- Why nothing goes there any more; none while it does.
    why         TEXT,
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, address)
);

-- What the log says of consent, member by member.
CREATE TABLE consents (
    shop_id     BYTEA NOT NULL,
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    origin      BYTEA NOT NULL CHECK (length(origin) = 16),
    origin_seq  BIGINT NOT NULL,
    given       BIGINT NOT NULL CHECK (given IN (0, 1)),
    -- The withdrawals that a giving overrules, in JSON; none: all of its origin before it.
    covers      TEXT,
    PRIMARY KEY (shop_id, op_id)
);

CREATE INDEX consents_by_member ON consents (shop_id, member_id);
CREATE INDEX members_by_card ON members (shop_id, merged_into);
CREATE INDEX ops_with_rules ON ops (shop_id, shop_seq) WHERE substr(body, 1, 24) = '{"body":"rules_published';

-- What was said before this table was there.
-- only sqlite
INSERT INTO consents (shop_id, op_id, member_id, origin, origin_seq, given, covers)
SELECT shop_id, op_id, unhex(replace(json_extract(body, '$.member'), '-', '')), origin, origin_seq,
       json_extract(body, '$.body') = 'consent_given', json_extract(body, '$.covers')
FROM ops WHERE substr(body, 1, 17) = '{"body":"consent_';
-- end
-- only postgres
INSERT INTO consents (shop_id, op_id, member_id, origin, origin_seq, given, covers)
SELECT shop_id, op_id, decode(replace(body::json ->> 'member', '-', ''), 'hex'), origin, origin_seq,
       CASE WHEN body::json ->> 'body' = 'consent_given' THEN 1 ELSE 0 END, body::json ->> 'covers'
FROM ops WHERE substr(body, 1, 17) = '{"body":"consent_';
-- end
