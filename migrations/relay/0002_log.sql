-- A shop's log in its one order, the ends of its chains, and the personal data beside it.

-- The last operation of each origin: the next one must follow it.
CREATE TABLE origins (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    origin      BYTEA NOT NULL CHECK (length(origin) = 16),
    seq         BIGINT NOT NULL CHECK (seq >= 0),
    head        BYTEA NOT NULL CHECK (length(head) = 32),
    -- When its till went on under another one.
    closed_at   BIGINT,
    PRIMARY KEY (shop_id, origin)
);

CREATE TABLE ops (
    shop_id     BYTEA NOT NULL,
    shop_seq    BIGINT NOT NULL CHECK (shop_seq >= 1),
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    origin      BYTEA NOT NULL,
    origin_seq  BIGINT NOT NULL CHECK (origin_seq >= 1),
    at_ms       BIGINT NOT NULL,
    by_whom     TEXT NOT NULL CHECK (by_whom <> ''),
    body        TEXT NOT NULL,
    -- Digest of the personal data beside it, where there is or was any.
    digest      BYTEA CHECK (length(digest) = 32),
    prev        BYTEA NOT NULL CHECK (length(prev) = 32),
    hash        BYTEA NOT NULL CHECK (length(hash) = 32),
    -- How much of a page it takes, about.
    bytes       BIGINT NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (shop_id, shop_seq),
    UNIQUE (shop_id, op_id),
    UNIQUE (shop_id, origin, origin_seq)
);

-- Personal data, erased by deleting the row; the operation keeps only a salted digest.
CREATE TABLE private (
    shop_id     BYTEA NOT NULL,
    op_id       BYTEA NOT NULL CHECK (length(op_id) = 16),
    -- Whose it is; none for staff.
    member_id   BYTEA,
    salt        BYTEA NOT NULL CHECK (length(salt) = 16),
    data        TEXT NOT NULL,
    PRIMARY KEY (shop_id, op_id)
);

CREATE INDEX private_of_member ON private (shop_id, member_id);

-- only sqlite
CREATE TRIGGER ops_no_update BEFORE UPDATE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER ops_no_delete BEFORE DELETE ON ops BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER private_no_update BEFORE UPDATE ON private BEGIN SELECT RAISE(ABORT, 'append_only'); END;
-- end
-- only postgres
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append_only'; END $$;
CREATE TRIGGER ops_no_change BEFORE UPDATE OR DELETE ON ops FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER private_no_update BEFORE UPDATE ON private FOR EACH ROW EXECUTE FUNCTION append_only();
-- end
