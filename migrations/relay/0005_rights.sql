-- Rights that change hands: lost tills and their suspense, whose member's home is which till, what was asked for, and
-- who is connected.

CREATE TABLE lost (
    shop_id     BYTEA NOT NULL,
    till        BYTEA NOT NULL CHECK (length(till) = 16),
    PRIMARY KEY (shop_id, till)
);

-- A member's points at a lost till: `net` is all that its log says, less what was released. Below zero it was spent
-- twice: as far as it was released that is the shop's loss, which `rights` leaves out.
CREATE TABLE suspense (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    till        BYTEA NOT NULL CHECK (length(till) = 16),
    net         BIGINT NOT NULL,
    released    BIGINT NOT NULL CHECK (released >= 0),
    PRIMARY KEY (shop_id, member_id, till)
);

CREATE INDEX suspense_by_till ON suspense (shop_id, till);

-- The till of a member's last visit, and whether points that the relay made for them wait to be granted to it.
CREATE TABLE homes (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    till        BYTEA CHECK (length(till) = 16),
    owed        BIGINT NOT NULL CHECK (owed IN (0, 1)),
    PRIMARY KEY (shop_id, member_id)
);

CREATE INDEX homes_owed ON homes (shop_id, till, owed);

-- What tills asked for: the same again is answered as the first time. While `until` has not passed, other tills are
-- asked to give back what they hold of the member.
CREATE TABLE acquires (
    shop_id     BYTEA NOT NULL,
    request     BYTEA NOT NULL CHECK (length(request) = 16),
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    origin      BYTEA NOT NULL CHECK (length(origin) = 16),
    granted     BIGINT NOT NULL CHECK (granted >= 0),
    at_ms       BIGINT NOT NULL,
    until_ms    BIGINT NOT NULL,
    PRIMARY KEY (shop_id, request)
);

CREATE INDEX acquires_by_time ON acquires (shop_id, until_ms);

-- Until when its live connection is good, if it has one.
ALTER TABLE tills ADD COLUMN live_until BIGINT;
-- The incarnation of the relay's database under which it last had nothing left to tell.
ALTER TABLE tills ADD COLUMN presented BIGINT;

-- The till that opens first, by the last word: the home of whoever has no other.
ALTER TABLE shops ADD COLUMN opens_first BYTEA;
ALTER TABLE shops ADD COLUMN away_clock BIGINT NOT NULL DEFAULT 0;

-- What the relay holds is the shop's, whichever origin it writes under.
-- only sqlite
UPDATE rights SET holder = zeroblob(16) WHERE holder IN (SELECT relay_origin FROM shops);
-- end
-- only postgres
UPDATE rights SET holder = decode(repeat('00', 16), 'hex') WHERE holder IN (SELECT relay_origin FROM shops);
-- end
