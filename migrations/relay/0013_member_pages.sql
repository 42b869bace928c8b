-- A member's own page: who may look at it just now, and members by their addresses.

-- What was mailed to somebody who wants in (`link`, good once), and what their browser has then (`visit`). Only hashes.
CREATE TABLE member_tokens (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    token_hash  BYTEA NOT NULL CHECK (length(token_hash) = 32),
    what        TEXT NOT NULL CHECK (what IN ('link', 'visit')),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (shop_id, token_hash)
);

CREATE INDEX member_tokens_by_time ON member_tokens (expires_at);
CREATE INDEX member_tokens_by_member ON member_tokens (shop_id, member_id);

-- Up to where of the log the table below goes: it is brought up to date when somebody wants in.
ALTER TABLE webs ADD COLUMN addresses_to BIGINT NOT NULL DEFAULT 0;

-- Whoever has or had an address, as a keyed hash: a shortcut, the word about it is beside the log.
CREATE TABLE member_addresses (
    shop_id     BYTEA NOT NULL,
    address     BYTEA NOT NULL CHECK (length(address) = 32),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    PRIMARY KEY (shop_id, address, member_id)
);

CREATE INDEX member_addresses_by_member ON member_addresses (shop_id, member_id);

-- A member's own code, also for their mails.
CREATE INDEX referral_codes_by_member ON referral_codes (shop_id, member_id) WHERE member_id IS NOT NULL;

-- From which addresses members joined or opened their page, as a hash under the day's key: gone with the next day.
CREATE TABLE member_places (
    shop_id     BYTEA NOT NULL,
    day         BIGINT NOT NULL,
    address     BYTEA NOT NULL CHECK (length(address) = 16),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    -- Through which code; empty: they only looked.
    code        TEXT NOT NULL,
    visitor     BYTEA NOT NULL CHECK (length(visitor) = 16),
    PRIMARY KEY (shop_id, day, address, member_id)
);
