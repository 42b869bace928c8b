-- Shops and their tills; and the one table that is not a shop's: single-use codes, which must be found without it.

CREATE TABLE shops (
    shop_id     BYTEA NOT NULL CHECK (length(shop_id) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    currency    TEXT NOT NULL CHECK (length(currency) = 3),
    region      TEXT NOT NULL CHECK (length(region) = 2),
    timezone    TEXT NOT NULL CHECK (timezone <> ''),
    status      TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at  BIGINT NOT NULL,
    -- The place of the newest operation in shop order. Its row is the lock under which operations are appended.
    shop_seq    BIGINT NOT NULL CHECK (shop_seq >= 0),
    -- Under which id the relay itself appends to this shop's log.
    relay_origin BYTEA NOT NULL CHECK (length(relay_origin) = 16),
    PRIMARY KEY (shop_id)
);

CREATE TABLE tills (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    till_id     BYTEA NOT NULL CHECK (length(till_id) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of the device's credential.
    credential  BYTEA NOT NULL CHECK (length(credential) = 32),
    paired_at   BIGINT NOT NULL,
    revoked_at  BIGINT,
    -- What it last told about itself.
    seen_at     BIGINT NOT NULL,
    version     TEXT NOT NULL,
    protocol    BIGINT NOT NULL,
    pending     BIGINT NOT NULL CHECK (pending >= 0),
    PRIMARY KEY (shop_id, till_id)
);

-- Pairing codes (of a shop) and invites (of none yet), stored hashed. Using one deletes its row.
CREATE TABLE codes (
    code_hash   BYTEA NOT NULL CHECK (length(code_hash) = 32),
    purpose     TEXT NOT NULL CHECK (purpose IN ('pair', 'invite')),
    shop_id     BYTEA,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (code_hash),
    CHECK ((purpose = 'pair') = (shop_id IS NOT NULL))
);
