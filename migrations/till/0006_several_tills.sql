-- Several tills as one shop: what another till did is never refused here, so the tables hold what was done twice until
-- the relay has settled it. What this till does once it still does once: triggers refuse it by its own origin.
-- Run without foreign keys (as SQLite's manual has it for tables that are made anew); they are checked at the end.
PRAGMA legacy_alter_table = ON;

DROP VIEW report_review;
DROP VIEW report_rules;
DROP VIEW report_totals;
DROP VIEW report_rewards;
DROP VIEW report_visits_by_day;
DROP VIEW report_points_by_day;
DROP VIEW report_ledger;
DROP VIEW report_members;

-- What this till knows of its relay; one row once it is paired.
CREATE TABLE relay (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    url         TEXT NOT NULL,
    -- The origin of the relay's own operations.
    origin      BLOB NOT NULL CHECK (length(origin) = 16),
    -- Up to which of this till's operations the relay has them.
    accepted    INTEGER NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    -- Up to which of the shop's operations this till has them, and the newest it has heard of.
    cursor      INTEGER NOT NULL DEFAULT 0 CHECK (cursor >= 0),
    shop_seq    INTEGER NOT NULL DEFAULT 0,
    incarnation INTEGER NOT NULL,
    synced_at   INTEGER
) STRICT;

-- The shop's tills, as the relay last told.
CREATE TABLE tills (
    till_id     BLOB PRIMARY KEY CHECK (length(till_id) = 16),
    name        TEXT NOT NULL,
    seen_at     INTEGER,
    app_version TEXT NOT NULL,
    pending     INTEGER NOT NULL,
    held_points INTEGER NOT NULL,
    skew_ms     INTEGER NOT NULL,
    revoked     INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Whose personal data it is, so that erasing somebody finds all of it.
DROP TRIGGER private_no_update;
ALTER TABLE private ADD COLUMN subject BLOB CHECK (length(subject) = 16);
UPDATE private SET subject = (SELECT unhex(coalesce(json_extract(o.body, '$.member'), json_extract(o.body, '$.staff')), '-')
                              FROM ops o WHERE o.op_id = private.op_id);
CREATE INDEX private_by_subject ON private (subject);
CREATE TRIGGER private_no_update BEFORE UPDATE ON private BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- Two members with one number: it finds the older, the other's stands in phone_also until they are merged or changed.
ALTER TABLE members ADD COLUMN phone_also TEXT;
ALTER TABLE members ADD COLUMN merged_into BLOB CHECK (length(merged_into) = 16);
ALTER TABLE members ADD COLUMN erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));
-- Whether they ever agreed to get mail; email_consent is that and no withdrawal left.
ALTER TABLE members ADD COLUMN consent_given INTEGER NOT NULL DEFAULT 0 CHECK (consent_given IN (0, 1));
CREATE INDEX members_by_phone_also ON members (phone_also) WHERE phone_also IS NOT NULL;
CREATE INDEX members_by_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

-- When a field was last written, where it was written after the beginning.
CREATE TABLE fields (
    subject     BLOB NOT NULL CHECK (length(subject) = 16),
    field       TEXT NOT NULL,
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL,
    PRIMARY KEY (subject, field)
) STRICT, WITHOUT ROWID;

-- Who a member shows as, as it was last said; members.merged_into is the end of the chain.
CREATE TABLE merges (
    member_id   BLOB PRIMARY KEY,
    into_id     BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX merges_by_into ON merges (into_id);

CREATE TABLE withdrawals (
    op_id       BLOB PRIMARY KEY,
    member_id   BLOB NOT NULL,
    origin      BLOB NOT NULL,
    covered     INTEGER NOT NULL DEFAULT 0 CHECK (covered IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX withdrawals_by_member ON withdrawals (member_id);

-- Operations of the first version carry no clock: their number in the log is the lowest of clocks.
INSERT INTO fields SELECT p.subject, f.field, max(coalesce(json_extract(o.body, '$.clock'), o.origin_seq)), o.op_id
FROM (SELECT 'phone' AS field UNION ALL SELECT 'name' UNION ALL SELECT 'email' UNION ALL SELECT 'birthday') f, ops o JOIN private p USING (op_id)
WHERE o.body GLOB '{"body":"member_changed"*' AND json_extract(p.data, '$.' || f.field) IS NOT NULL
GROUP BY p.subject, f.field;
INSERT INTO fields SELECT unhex(json_extract(o.body, '$.staff'), '-') AS who, 'staff',
       max(CASE json_extract(o.body, '$.body') WHEN 'staff_added' THEN 0 ELSE coalesce(json_extract(o.body, '$.clock'), o.origin_seq) END), o.op_id
FROM ops o WHERE o.body GLOB '{"body":"staff_*' GROUP BY who;
INSERT INTO fields SELECT p.subject, 'pin',
       max(CASE json_extract(o.body, '$.body') WHEN 'staff_added' THEN 0 ELSE coalesce(json_extract(o.body, '$.clock'), o.origin_seq) END), o.op_id
FROM ops o JOIN private p USING (op_id)
WHERE o.body GLOB '{"body":"staff_*' AND json_extract(p.data, '$.pin_hash') IS NOT NULL GROUP BY p.subject;

INSERT INTO withdrawals SELECT o.op_id, unhex(json_extract(o.body, '$.member'), '-'), o.origin, EXISTS (
    SELECT 1 FROM ops g WHERE g.op > o.op AND g.body GLOB '{"body":"consent_given"*'
       AND json_extract(g.body, '$.member') = json_extract(o.body, '$.member'))
FROM ops o WHERE o.body GLOB '{"body":"consent_withdrawn"*';
UPDATE members SET consent_given = 1 WHERE member_id IN (
    SELECT unhex(json_extract(o.body, '$.member'), '-') FROM ops o WHERE o.body GLOB '{"body":"consent_given"*');

-- A line may be taken back twice by tills that are apart, and the relay's line may take back such a reversal.
CREATE TABLE ledger_new (
    line            INTEGER PRIMARY KEY,
    entry_id        BLOB NOT NULL UNIQUE CHECK (length(entry_id) = 16),
    op_id           BLOB NOT NULL REFERENCES ops (op_id),
    member_id       BLOB NOT NULL REFERENCES members (member_id),
    kind            TEXT NOT NULL CHECK (kind IN ('opening', 'earn', 'bonus', 'adjust', 'redeem', 'refund', 'expire', 'reverse')),
    points          INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    -- The shop's calendar day of at_ms.
    day             TEXT NOT NULL CHECK (length(day) = 10),
    by              TEXT NOT NULL,
    rules_version   INTEGER,
    reasons         TEXT NOT NULL CHECK (json_valid(reasons)),
    reverses        BLOB REFERENCES ledger (entry_id),
    source          TEXT,
    sale_id         TEXT,
    total_minor     INTEGER,
    reward          TEXT,
    CHECK ((kind = 'reverse') = (reverses IS NOT NULL)),
    CHECK (kind <> 'redeem' OR (points <= 0 AND reward IS NOT NULL)),
    CHECK (kind <> 'earn' OR (points >= 0 AND sale_id IS NOT NULL)),
    CHECK (kind NOT IN ('refund', 'expire') OR points <= 0)
) STRICT;
INSERT INTO ledger_new SELECT line, entry_id, op_id, member_id, kind, points, at_ms, day, by, rules_version, reasons, reverses, source,
       sale_id, total_minor, reward FROM ledger;
DROP TABLE ledger;
ALTER TABLE ledger_new RENAME TO ledger;
CREATE INDEX ledger_by_member ON ledger (member_id, at_ms DESC);
CREATE INDEX ledger_by_day ON ledger (day);
CREATE INDEX ledger_by_reverses ON ledger (reverses) WHERE reverses IS NOT NULL;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'append_only'); END;
-- A reversal takes back exactly the line it names, of the same member.
CREATE TRIGGER ledger_reverses_exactly BEFORE INSERT ON ledger WHEN NEW.reverses IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'not_reversible') WHERE NOT EXISTS (
        SELECT 1 FROM ledger l WHERE l.entry_id = NEW.reverses AND l.member_id = NEW.member_id AND l.points = -NEW.points);
END;
-- This till's own: each line once, and never another reversal or a refund.
CREATE TRIGGER ledger_reverses_once BEFORE INSERT ON ledger
WHEN NEW.reverses IS NOT NULL AND (SELECT o.origin FROM ops o WHERE o.op_id = NEW.op_id) = (SELECT till_id FROM shop) BEGIN
    SELECT RAISE(ABORT, 'not_reversible') WHERE EXISTS (
        SELECT 1 FROM ledger l WHERE l.entry_id = NEW.reverses AND l.kind IN ('reverse', 'refund'));
    SELECT RAISE(ABORT, 'already_reversed') WHERE EXISTS (SELECT 1 FROM ledger l WHERE l.reverses = NEW.reverses);
END;
-- Lines that are taken back, by a line that is not taken back itself.
CREATE VIEW taken_back AS
SELECT r.reverses AS entry_id, r.entry_id AS by_entry_id FROM ledger r
WHERE r.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger u WHERE u.reverses = r.entry_id);

-- The same number at two tills: both rows stay; decisions and refunds are of the one that stands.
CREATE TABLE sales_new (
    source          TEXT NOT NULL CHECK (source <> ''),
    sale_id         TEXT NOT NULL CHECK (sale_id <> ''),
    op_id           BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    member_id       BLOB REFERENCES members (member_id),
    -- The line that it made itself, and the one that it has: a held one gets it from its decision.
    own_entry_id    BLOB REFERENCES ledger (entry_id),
    entry_id        BLOB UNIQUE REFERENCES ledger (entry_id),
    total_minor     INTEGER NOT NULL CHECK (total_minor >= 0),
    items           TEXT NOT NULL CHECK (json_valid(items)),
    occurred_at     INTEGER NOT NULL,
    day             TEXT NOT NULL CHECK (length(day) = 10),
    move            TEXT NOT NULL CHECK (move IN ('skip', 'add', 'add_reward', 'hold')),
    points          INTEGER NOT NULL,
    -- Another of the same number was first: the relay has taken this one back.
    settled         INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    -- It is the one of its number.
    standing        INTEGER NOT NULL DEFAULT 1 CHECK (standing IN (0, 1)),
    -- Taken back: by a reversal of its line, or refunded whole, or settled.
    reversed        INTEGER NOT NULL DEFAULT 0 CHECK (reversed IN (0, 1)),
    refunded_minor  INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    -- What became of a held sale; null while it waits.
    decision        TEXT CHECK (decision IN ('approved', 'rejected')),
    tax_minor       INTEGER NOT NULL DEFAULT 0 CHECK (tax_minor >= 0),
    tip_minor       INTEGER NOT NULL DEFAULT 0 CHECK (tip_minor >= 0),
    CHECK (decision IS NULL OR move = 'hold'),
    PRIMARY KEY (source, sale_id, op_id)
) STRICT, WITHOUT ROWID;
INSERT INTO sales_new SELECT source, sale_id, op_id, member_id, CASE move WHEN 'hold' THEN NULL ELSE entry_id END, entry_id, total_minor,
       items, occurred_at, day, move, points, 0, 1, reversed, refunded_minor, decision, tax_minor, tip_minor FROM sales;
DROP TABLE sales;
ALTER TABLE sales_new RENAME TO sales;
CREATE UNIQUE INDEX sales_standing ON sales (source, sale_id) WHERE standing = 1;
CREATE INDEX sales_by_member ON sales (member_id, occurred_at DESC) WHERE member_id IS NOT NULL;
CREATE INDEX sales_by_day ON sales (day);
CREATE INDEX sales_waiting ON sales (occurred_at) WHERE move = 'hold' AND decision IS NULL;

CREATE TABLE decisions (
    op_id       BLOB PRIMARY KEY REFERENCES ops (op_id),
    source      TEXT NOT NULL,
    sale_id     TEXT NOT NULL,
    -- None where it was rejected.
    entry_id    BLOB REFERENCES ledger (entry_id),
    settled     INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_by_sale ON decisions (source, sale_id);
INSERT INTO decisions SELECT op_id, json_extract(body, '$.source'), json_extract(body, '$.sale_id'), unhex(json_extract(body, '$.entry'), '-'), 0
FROM ops WHERE body GLOB '{"body":"sale_decided"*';

CREATE TABLE refunds_new (
    source          TEXT NOT NULL,
    refund_id       TEXT NOT NULL CHECK (refund_id <> ''),
    sale_id         TEXT NOT NULL,
    op_id           BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    amount_minor    INTEGER NOT NULL CHECK (amount_minor >= 0),
    points          INTEGER NOT NULL CHECK (points <= 0),
    -- It said that nothing of the sale is left.
    whole           INTEGER NOT NULL CHECK (whole IN (0, 1)),
    settled         INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    PRIMARY KEY (source, refund_id, op_id)
) STRICT, WITHOUT ROWID;
INSERT INTO refunds_new SELECT r.source, r.refund_id, r.sale_id, r.op_id, r.amount_minor, r.points, json_extract(o.body, '$.whole'), 0
FROM refunds r JOIN ops o USING (op_id);
DROP TABLE refunds;
ALTER TABLE refunds_new RENAME TO refunds;
CREATE INDEX refunds_by_sale ON refunds (source, sale_id);
CREATE TRIGGER refunds_once BEFORE INSERT ON refunds
WHEN (SELECT o.origin FROM ops o WHERE o.op_id = NEW.op_id) = (SELECT till_id FROM shop) BEGIN
    SELECT RAISE(ABORT, 'refund_known') WHERE EXISTS (
        SELECT 1 FROM refunds r WHERE r.source = NEW.source AND r.refund_id = NEW.refund_id);
END;

-- Tills that are apart may both grant a birthday's bonus; each does it once.
CREATE TABLE birthdays_new (
    entry_id    BLOB PRIMARY KEY REFERENCES ledger (entry_id),
    member_id   BLOB NOT NULL REFERENCES members (member_id),
    year        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO birthdays_new SELECT entry_id, member_id, year FROM birthdays;
DROP TABLE birthdays;
ALTER TABLE birthdays_new RENAME TO birthdays;
CREATE INDEX birthdays_by_member ON birthdays (member_id, year);

-- Two tills that are apart may publish the same version; the highest (version, clock, op_id) is in force.
CREATE TABLE rules_new (
    version     INTEGER NOT NULL CHECK (version >= 1),
    clock       INTEGER NOT NULL,
    op_id       BLOB NOT NULL UNIQUE REFERENCES ops (op_id),
    text        TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    by          TEXT NOT NULL,
    PRIMARY KEY (version, clock, op_id)
) STRICT, WITHOUT ROWID;
INSERT INTO rules_new SELECT r.version, coalesce(json_extract(o.body, '$.clock'), o.origin_seq), r.op_id, r.text, r.at_ms, r.by FROM rules r JOIN ops o USING (op_id);
CREATE TABLE rewards_kept AS SELECT r.op_id, w.position, w.name, w.points, w.cost_minor FROM rewards w JOIN rules r USING (version);
DROP TABLE rewards;
DROP TABLE rules;
ALTER TABLE rules_new RENAME TO rules;
CREATE TABLE rewards (
    op_id       BLOB NOT NULL REFERENCES rules (op_id),
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    points      INTEGER NOT NULL CHECK (points > 0),
    cost_minor  INTEGER,
    PRIMARY KEY (op_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO rewards SELECT * FROM rewards_kept;
DROP TABLE rewards_kept;

-- What the owner's window reads, as before; members that were merged show as one.
CREATE VIEW report_members AS
SELECT m.member, lower(hex(m.member_id)) AS member_id, m.code, m.name, substr(coalesce(m.phone, m.phone_also), -4) AS last4,
       coalesce(m.phone, m.phone_also) AS phone, m.email, m.email_consent, m.enrolled_at,
       m.visits + coalesce((SELECT sum(g.visits) FROM members g WHERE g.merged_into = m.member_id), 0) AS visits,
       CASE WHEN EXISTS (SELECT 1 FROM members g WHERE g.merged_into = m.member_id)
            THEN (SELECT max(g.last_visit_at) FROM members g WHERE g.merged_into = m.member_id OR g.member_id = m.member_id)
            ELSE m.last_visit_at END AS last_visit_at,
       coalesce((SELECT sum(r.points) FROM rights r WHERE r.member_id = m.member_id
           OR r.member_id IN (SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id)), 0) AS points,
       coalesce((SELECT sum(s.total_minor - s.refunded_minor) FROM sales s WHERE s.reversed = 0 AND (s.member_id = m.member_id
           OR s.member_id IN (SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id))), 0) AS spent_minor
FROM members m WHERE m.merged_into IS NULL;

CREATE VIEW report_ledger AS
SELECT l.line, lower(hex(l.entry_id)) AS entry_id, lower(hex(l.member_id)) AS member_id, c.code AS member_code,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, l.kind, t.kind AS reverses_kind, l.points, l.at_ms, l.day,
       coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by) AS by_name,
       l.by AS by_id, l.rules_version, l.reasons, lower(hex(l.reverses)) AS reverses, l.source, l.sale_id, l.total_minor, l.reward,
       EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id) AS reversed
FROM ledger l
JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
LEFT JOIN ledger t ON t.entry_id = l.reverses;

-- Points by day: issued and redeemed are what lines of that day moved, reversals counted on their own day against
-- what they take back (also where that was a reversal). issued - redeemed - expired is the change of what is outstanding.
CREATE VIEW report_points_by_day AS
SELECT l.day,
       sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) IN ('redeem', 'expire') THEN 0 ELSE l.points END) AS issued,
       -sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) = 'redeem' THEN l.points ELSE 0 END) AS redeemed,
       -sum(CASE WHEN coalesce(u.kind, t.kind, l.kind) = 'expire' THEN l.points ELSE 0 END) AS expired
FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses LEFT JOIN ledger u ON u.entry_id = t.reverses
GROUP BY l.day;

CREATE VIEW report_visits_by_day AS
SELECT day, count(*) AS sales, count(entry_id) AS visits, count(DISTINCT CASE WHEN entry_id IS NULL THEN NULL ELSE member_id END) AS members,
       sum(total_minor - refunded_minor) AS sold_minor, sum(CASE WHEN member_id IS NULL THEN 0 ELSE total_minor - refunded_minor END) AS sold_to_members_minor
FROM sales WHERE reversed = 0 GROUP BY day;

CREATE VIEW report_rewards AS
SELECT w.name, w.points, w.cost_minor,
       (SELECT count(*) FROM ledger l WHERE l.reward = w.name AND l.kind = 'redeem'
          AND NOT EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id)) AS redeemed
FROM rewards w WHERE w.op_id = (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1);

CREATE VIEW report_totals AS
WITH points AS (
    SELECT coalesce(sum(issued), 0) AS issued, coalesce(sum(redeemed), 0) AS redeemed,
           coalesce(sum(expired), 0) AS expired FROM report_points_by_day),
dearest AS (
    SELECT name, points, cost_minor FROM report_rewards WHERE cost_minor IS NOT NULL
    ORDER BY 1.0 * cost_minor / points DESC LIMIT 1)
SELECT (SELECT count(*) FROM members WHERE merged_into IS NULL) AS members,
       (SELECT count(*) FROM sales WHERE settled = 0) AS sales,
       p.issued AS points_issued, p.redeemed AS points_redeemed, p.expired AS points_expired,
       (SELECT coalesce(sum(r.points), 0) FROM rights r) AS points_outstanding,
       (SELECT name FROM dearest) AS liability_reward,
       (SELECT ((SELECT max(0, coalesce(sum(r.points), 0)) FROM rights r) * cost_minor + points - 1) / points FROM dearest) AS liability_minor
FROM points p;

CREATE VIEW report_rules AS
SELECT version, text, at_ms, coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(r.by, '-')), r.by) AS by_name
FROM rules r;

CREATE VIEW report_review AS
SELECT s.source, s.sale_id, s.total_minor, s.points, s.occurred_at, s.day, s.decision, lower(hex(c.member_id)) AS member_id,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, o.at_ms AS held_at,
       coalesce((SELECT t.name FROM staff t WHERE t.staff_id = unhex(o.by, '-')), o.by) AS by_name,
       json_extract(o.body, '$.reasons') AS reasons
FROM sales s JOIN ops o USING (op_id) LEFT JOIN members m ON m.member_id = s.member_id
LEFT JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
WHERE s.move = 'hold' AND s.settled = 0;

PRAGMA legacy_alter_table = OFF;
