-- Rules and voices that owners keep in a document elsewhere: where it is, what was last taken over from it, what is wrong.

CREATE TABLE documents (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    what        TEXT NOT NULL CHECK (what IN ('rules', 'voice')),
    -- A web address, or the id of a Google Doc.
    source      TEXT NOT NULL CHECK (source IN ('url', 'google')),
    place       TEXT NOT NULL CHECK (place <> ''),
    set_at      BIGINT NOT NULL,
    -- Counts up with every look that begins: only what the newest one found counts.
    looks       BIGINT NOT NULL CHECK (looks >= 0),
    -- The next look. Whoever begins one moves this on, so that each moment is looked at once.
    due_at      BIGINT NOT NULL,
    looked_at   BIGINT,
    -- Of the text that was last taken over: its hash as normalised, and what the server calls it.
    hash        BYTEA CHECK (length(hash) = 32),
    etag        TEXT,
    modified    TEXT,
    published_at BIGINT,
    version     BIGINT,
    -- Why what is there now was not taken over, since when, and the details in JSON.
    problem     TEXT,
    problem_at  BIGINT,
    problem_said TEXT,
    PRIMARY KEY (shop_id, what),
    CHECK ((problem IS NULL) = (problem_at IS NULL) AND (problem IS NULL) = (problem_said IS NULL))
);

CREATE INDEX documents_by_time ON documents (due_at);

-- The service account by which a shop's Google Docs are read.
CREATE TABLE document_keys (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    -- Its address, with which documents are shared.
    address     TEXT NOT NULL CHECK (address <> ''),
    -- Google's file, sealed with the relay's key, which is not in the database.
    key         BYTEA NOT NULL,
    set_at      BIGINT NOT NULL,
    PRIMARY KEY (shop_id)
);

-- Who published a voice; none: the owner, by hand.
ALTER TABLE mail_voices ADD COLUMN by_whom TEXT;
