-- Which relay asks a shop's model about a month, so that one of several does: until when it is left to it.

CREATE TABLE narrative_asked (
    shop_id     BYTEA NOT NULL REFERENCES shops (shop_id),
    -- The moment of the calendar.
    planned_at  BIGINT NOT NULL,
    until       BIGINT NOT NULL,
    PRIMARY KEY (shop_id, planned_at)
);
