-- Stamp cards, birthdays, and the tax and tip in a sale.

ALTER TABLE members ADD COLUMN birthday TEXT NOT NULL DEFAULT '' CHECK (length(birthday) IN (0, 5, 10));

ALTER TABLE sales ADD COLUMN tax_minor INTEGER NOT NULL DEFAULT 0 CHECK (tax_minor >= 0);
ALTER TABLE sales ADD COLUMN tip_minor INTEGER NOT NULL DEFAULT 0 CHECK (tip_minor >= 0);

-- Who may use which of a member's stamps. What a sale's being taken back takes may leave fewer than none; a claim never does.
CREATE TABLE stamps (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    card        TEXT NOT NULL CHECK (card <> ''),
    holder      BLOB NOT NULL CHECK (length(holder) = 16),
    stamps      INTEGER NOT NULL,
    PRIMARY KEY (member_id, card, holder)
) STRICT, WITHOUT ROWID;

-- Birthdays that have brought their bonus: each one once.
CREATE TABLE birthdays (
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    year        INTEGER NOT NULL,
    entry_id    BLOB NOT NULL UNIQUE REFERENCES ledger (entry_id),
    PRIMARY KEY (member_id, year)
) STRICT, WITHOUT ROWID;

-- A full stamp card is redeemed for no points: the one check that refused it is loosened, as SQLite's manual has it for
-- a check that all rows meet already. The tables made above tell other connections to read the schema again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'points < 0 AND reward IS NOT NULL', 'points <= 0 AND reward IS NOT NULL')
WHERE type = 'table' AND name = 'ledger';
PRAGMA writable_schema = RESET;
