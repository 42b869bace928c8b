-- What the relay must know to settle what tills did twice while apart: who did what first, whose phone is whose, and
-- who may spend whose points.

-- What can be done once in a shop, by a hash of what it is: the first operation that did it stands.
CREATE TABLE claims (
    shop_id     BYTEA NOT NULL,
    what        BYTEA NOT NULL CHECK (length(what) = 32),
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    PRIMARY KEY (shop_id, what)
);

CREATE TABLE members (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    phone       TEXT,
    phone_clock BIGINT NOT NULL,
    -- The older member that this one shows as.
    merged_into BYTEA,
    merge_clock BIGINT NOT NULL,
    erased      BIGINT NOT NULL CHECK (erased IN (0, 1)),
    PRIMARY KEY (shop_id, member_id),
    CHECK (erased = 0 OR phone IS NULL)
);

CREATE INDEX members_by_phone ON members (shop_id, phone);

CREATE TABLE rights (
    shop_id     BYTEA NOT NULL,
    member_id   BYTEA NOT NULL CHECK (length(member_id) = 16),
    holder      BYTEA NOT NULL CHECK (length(holder) = 16),
    points      BIGINT NOT NULL,
    PRIMARY KEY (shop_id, member_id, holder)
);

CREATE INDEX rights_by_holder ON rights (shop_id, holder);
