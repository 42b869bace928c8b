-- Which mails somebody does not want, of those that they may get.

CREATE TABLE mail_unwanted (
    shop_id     BYTEA NOT NULL,
    -- A member's id; of somebody who is no member the address, as a keyed hash.
    who         BYTEA NOT NULL CHECK (length(who) IN (16, 32)),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, who, kind)
);
