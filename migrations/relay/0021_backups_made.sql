-- How the relay's daily backups went, for the owners of its shops to see; and that one of them asked for one. It is
-- about the relay, not about a shop: the key is the moment.

CREATE TABLE backups_made (
    at   BIGINT NOT NULL,
    -- Empty: it was made. 'asked': somebody asked for one. Otherwise why it was not made.
    code TEXT NOT NULL,
    PRIMARY KEY (at)
);
