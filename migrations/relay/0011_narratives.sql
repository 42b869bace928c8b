-- A language model that writes the month in words, where a shop has one: from totals alone, and checked against them.

CREATE TABLE narratives (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    provider    TEXT NOT NULL CHECK (provider IN ('bedrock', 'anthropic', 'openai')),
    -- Where it is asked, without what the provider's own words add to it.
    url         TEXT NOT NULL CHECK (url <> ''),
    model       TEXT NOT NULL CHECK (model <> ''),
    -- Bedrock's region and the id of the key.
    region      TEXT,
    key_id      TEXT,
    -- Sealed with the relay's key, which is not in the database; none where the endpoint wants none.
    secret      BYTEA,
    -- Why the last text was not used, and when that was; none where it was.
    problem     TEXT,
    asked_at    BIGINT,
    PRIMARY KEY (shop_id),
    CHECK (provider <> 'bedrock' OR (region IS NOT NULL AND key_id IS NOT NULL AND secret IS NOT NULL))
);
