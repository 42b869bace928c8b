-- Shops and their tills; and the one table that is not a shop's: single-use codes, which must be found without it.

CREATE TABLE shops (
    shop_id     BYTEA NOT NULL CHECK (length(shop_id) = 16),
    -- What the shop's operations carry: this id, or that of a log that a till brought along.
    log_id      BYTEA NOT NULL CHECK (length(log_id) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    currency    TEXT NOT NULL CHECK (length(currency) = 3),
    region      TEXT NOT NULL CHECK (length(region) = 2),
    timezone    TEXT NOT NULL CHECK (timezone <> ''),
    status      TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at  BIGINT NOT NULL,
    -- Under which id the relay itself appends to this shop's log.
    relay_origin BYTEA NOT NULL CHECK (length(relay_origin) = 16),
    -- The place of the newest operation in shop order. This row is the lock under which operations are appended.
    shop_seq    BIGINT NOT NULL CHECK (shop_seq >= 0),
    -- The latest hybrid logical clock seen in its operations.
    clock       BIGINT NOT NULL,
    -- Counts up when the database was restored; a cursor of an earlier one holds up to known_seq.
    incarnation BIGINT NOT NULL CHECK (incarnation >= 1),
    known_seq   BIGINT NOT NULL CHECK (known_seq >= 0),
    PRIMARY KEY (shop_id)
);

-- Devices that may speak for the shop.
CREATE TABLE tills (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    till_id     BYTEA NOT NULL CHECK (length(till_id) = 16),
    -- Under which id it appends; another one after it was restored from a backup.
    origin      BYTEA NOT NULL CHECK (length(origin) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of the device's credential.
    credential  BYTEA NOT NULL CHECK (length(credential) = 32),
    paired_at   BIGINT NOT NULL,
    revoked_at  BIGINT,
    -- What it last told about itself.
    seen_at     BIGINT,
    version     TEXT NOT NULL,
    pending     BIGINT NOT NULL CHECK (pending >= 0),
    held_points BIGINT NOT NULL,
    skew_ms     BIGINT NOT NULL,
    PRIMARY KEY (shop_id, till_id),
    UNIQUE (shop_id, origin)
);

-- Pairing codes (of a shop) and invites (of none yet), stored hashed.
CREATE TABLE codes (
    code_hash   BYTEA NOT NULL CHECK (length(code_hash) = 32),
    purpose     TEXT NOT NULL CHECK (purpose IN ('pair', 'invite')),
    shop_id     BYTEA,
    -- For the new till alone; the relay can't open it.
    sealed      BYTEA,
    expires_at  BIGINT NOT NULL,
    -- Who used a pairing code: a repeat of the same attempt (its answer was lost) is the same till.
    attempt     BYTEA,
    till_id     BYTEA,
    PRIMARY KEY (code_hash),
    CHECK ((purpose = 'pair') = (shop_id IS NOT NULL)),
    CHECK ((attempt IS NULL) = (till_id IS NULL))
);
