-- Rights that change hands: lost tills, what they held, and how tills go on without the relay.

-- Tills that the owner gave up. What they held is in suspense: in the balance, and nobody's to spend.
CREATE TABLE lost (
    till        BLOB PRIMARY KEY CHECK (length(till) = 16)
) STRICT, WITHOUT ROWID;

-- A member's points at a lost till: `net` is all that its log says, less what was released. Below zero it was spent
-- twice: as far as it was released that is the shop's loss, which `rights` leaves out.
CREATE TABLE suspense (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    till        BLOB NOT NULL REFERENCES lost (till),
    net         INTEGER NOT NULL,
    released    INTEGER NOT NULL CHECK (released >= 0),
    loss        INTEGER NOT NULL AS (max(0, min(released, -net))) VIRTUAL,
    PRIMARY KEY (member_id, till)
) STRICT, WITHOUT ROWID;
CREATE INDEX suspense_by_till ON suspense (till);
CREATE INDEX rights_by_holder ON rights (holder, member_id);

-- The last word on how tills go on without the relay.
CREATE TABLE away_rules (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL REFERENCES ops (op_id),
    rules       TEXT NOT NULL CHECK (json_valid(rules))
) STRICT;

-- What a relay holds is the shop's, whichever origin the relay writes under.
UPDATE rights SET holder = zeroblob(16) WHERE holder IN (SELECT origin FROM relay);
