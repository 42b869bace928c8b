-- Referrals on the web: where a shop's links lead, its codes, and the clicks on them. Beside the tables of shops stand
-- three small ones of the whole relay: whose a code is, the keys of the visitors' hashes, and how often links changed.

CREATE TABLE webs (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    -- Its own page, where a link leads whose code is not known; none until it is said.
    site        TEXT,
    -- What is added to a landing page's address.
    utm         TEXT NOT NULL,
    -- Whose friend a visitor is who used several links.
    touch       TEXT NOT NULL CHECK (touch IN ('first', 'last')),
    -- How long that is remembered; 0: not at all, and no cookie.
    cookie_days BIGINT NOT NULL CHECK (cookie_days BETWEEN 0 AND 400),
    -- Clicks of days before this one are added up in click_days. Days are the shop's, counted from 1970-01-01.
    counted_to  BIGINT NOT NULL,
    PRIMARY KEY (shop_id)
);

-- The hosts that a shop's links may lead to, with the port where it is not the usual one. A request for one of them
-- that only one shop has listed is that shop's.
CREATE TABLE web_hosts (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    host        TEXT NOT NULL CHECK (host <> ''),
    PRIMARY KEY (shop_id, host)
);

CREATE INDEX web_hosts_by_host ON web_hosts (host);

CREATE TABLE referral_codes (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    code        TEXT NOT NULL CHECK (code <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('vendor', 'member')),
    -- Whose it is, for a member's.
    member_id   BYTEA CHECK (length(member_id) = 16),
    campaign    TEXT NOT NULL,
    -- Where it leads, and that page's host; none: to the shop's page.
    landing     TEXT,
    host        TEXT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (shop_id, code),
    CHECK ((kind = 'member') = (member_id IS NOT NULL)),
    CHECK ((landing IS NULL) = (host IS NULL))
);

CREATE TABLE code_owners (
    code        TEXT NOT NULL,
    shop_id     BYTEA NOT NULL,
    PRIMARY KEY (code)
);

CREATE TABLE clicks (
    shop_id     BYTEA NOT NULL,
    -- The shop's day.
    day         BIGINT NOT NULL,
    click_id    BYTEA NOT NULL CHECK (length(click_id) = 16),
    at_ms       BIGINT NOT NULL,
    -- Empty: the address held a code that nobody has.
    code        TEXT NOT NULL,
    -- A hash of address and browser under a key that is destroyed with its day.
    visitor     BYTEA NOT NULL CHECK (length(visitor) = 16),
    device      TEXT NOT NULL,
    -- The host of the page that held the link, and the visitor's country; empty where nobody told.
    referrer    TEXT NOT NULL,
    country     TEXT NOT NULL,
    -- 0: a program's, not a person's.
    counted     BIGINT NOT NULL CHECK (counted IN (0, 1)),
    PRIMARY KEY (shop_id, day, click_id)
);

CREATE TABLE click_days (
    shop_id     BYTEA NOT NULL,
    code        TEXT NOT NULL,
    day         BIGINT NOT NULL,
    clicks      BIGINT NOT NULL CHECK (clicks >= 0),
    uniques     BIGINT NOT NULL CHECK (uniques >= 0),
    bots        BIGINT NOT NULL CHECK (bots >= 0),
    PRIMARY KEY (shop_id, code, day)
);

-- Days are UTC's here.
CREATE TABLE visitor_keys (
    day         BIGINT NOT NULL,
    hmac_key    BYTEA NOT NULL CHECK (length(hmac_key) = 32),
    PRIMARY KEY (day)
);

-- Counts up with every change after which a link may lead elsewhere: relays remember where links lead.
CREATE TABLE web_changes (
    one         BIGINT NOT NULL CHECK (one = 1),
    version     BIGINT NOT NULL,
    PRIMARY KEY (one)
);

INSERT INTO web_changes (one, version) VALUES (1, 0);
