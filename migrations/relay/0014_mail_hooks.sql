-- Who tells of mail that did not arrive, or was complained of, and what was told.

-- By which providers a shop is told: a secret for each, sealed with the relay's key; for SNS the topic instead.
CREATE TABLE mail_hooks (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    provider    TEXT NOT NULL CHECK (provider IN ('generic', 'ses', 'postmark', 'mailgun')),
    secret      BYTEA,
    topic       TEXT,
    since       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, provider),
    CHECK ((secret IS NULL) = (provider = 'ses')),
    CHECK ((topic IS NULL) = (provider <> 'ses'))
);

-- The messages that were heard, by a hash of their id: what comes again changes nothing.
CREATE TABLE mail_heard (
    shop_id     BYTEA NOT NULL,
    heard       BYTEA NOT NULL CHECK (length(heard) = 32),
    at_ms       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, heard)
);

CREATE INDEX mail_heard_by_time ON mail_heard (shop_id, at_ms);

-- What became of a mail that the server had taken: it came back, for good or for now, or its reader complained.
ALTER TABLE mails ADD COLUMN returned TEXT CHECK (returned IN ('bounced', 'soft', 'complained'));

CREATE INDEX mails_by_address ON mails (shop_id, address);
CREATE INDEX mails_returned ON mails (shop_id, ended_at) WHERE returned IS NOT NULL;
