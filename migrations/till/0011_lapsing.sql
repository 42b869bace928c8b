-- Members who stay away: what is done as usual, what the owner chose for somebody, and what was done. Who stays away
-- follows from visits and the rules.

CREATE TABLE lapsing_usual (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    choice      TEXT NOT NULL CHECK (choice IN ('nudge', 'bonus', 'rest')),
    bonus       INTEGER NOT NULL CHECK (bonus >= 0)
) STRICT;

-- The last word about each; no choice: as usual.
CREATE TABLE lapsing_chosen (
    member_id   BLOB PRIMARY KEY REFERENCES members (member_id),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    at_ms       INTEGER NOT NULL,
    choice      TEXT CHECK (choice IN ('nudge', 'bonus', 'rest'))
) STRICT, WITHOUT ROWID;

CREATE TABLE lapsing_acts (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    at_ms       INTEGER NOT NULL,
    -- The last visit as it was known, and which mail since then.
    since       INTEGER NOT NULL,
    nth         INTEGER NOT NULL CHECK (nth >= 1),
    bonus       INTEGER NOT NULL CHECK (bonus >= 0),
    -- The choice that it carried out.
    chosen      BLOB,
    -- All of it, in JSON.
    body        TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

CREATE INDEX lapsing_acts_by_member ON lapsing_acts (member_id, at_ms);
