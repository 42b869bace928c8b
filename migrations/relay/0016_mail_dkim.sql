-- Keys with which a shop's mail is signed (DKIM), by their names in the DNS. Mail is signed with the one that is in use.

CREATE TABLE mail_dkim (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    selector    TEXT NOT NULL CHECK (selector <> ''),
    domain      TEXT NOT NULL CHECK (domain <> ''),
    algorithm   TEXT NOT NULL CHECK (algorithm IN ('rsa', 'ed25519')),
    -- Sealed with the relay's key.
    secret      BYTEA NOT NULL,
    -- As it stands in the DNS.
    public      TEXT NOT NULL,
    in_use      BIGINT NOT NULL CHECK (in_use IN (0, 1)),
    made_at     BIGINT NOT NULL,
    PRIMARY KEY (shop_id, selector)
);
