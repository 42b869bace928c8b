-- What stamp cards cost the shop and how far members are on them; birthdays in the list of members; how often over a reward was given.

-- The stamp cards of each version of the rules, for the reports. `name` is what a full card gives.
CREATE TABLE cards (
    op_id       BLOB NOT NULL REFERENCES rules (op_id),
    position    INTEGER NOT NULL,
    card        TEXT NOT NULL CHECK (card <> ''),
    name        TEXT NOT NULL,
    stamps      INTEGER NOT NULL CHECK (stamps > 0),
    cost_minor  INTEGER,
    PRIMARY KEY (op_id, position)
) STRICT, WITHOUT ROWID;

DROP VIEW report_totals;
DROP VIEW report_rewards;
DROP VIEW report_ledger;
DROP VIEW report_members;

CREATE VIEW report_members AS
SELECT m.member, lower(hex(m.member_id)) AS member_id, m.code, m.name, substr(coalesce(m.phone, m.phone_also), -4) AS last4,
       coalesce(m.phone, m.phone_also) AS phone, m.email, m.email_consent, m.birthday, m.enrolled_at,
       m.visits + coalesce((SELECT sum(g.visits) FROM members g WHERE g.merged_into = m.member_id), 0) AS visits,
       CASE WHEN EXISTS (SELECT 1 FROM members g WHERE g.merged_into = m.member_id)
            THEN (SELECT max(g.last_visit_at) FROM members g WHERE g.merged_into = m.member_id OR g.member_id = m.member_id)
            ELSE m.last_visit_at END AS last_visit_at,
       coalesce((SELECT sum(r.points) FROM rights r WHERE r.member_id = m.member_id
           OR r.member_id IN (SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id)), 0) AS points,
       coalesce((SELECT sum(s.total_minor - s.refunded_minor) FROM sales s WHERE s.reversed = 0 AND (s.member_id = m.member_id
           OR s.member_id IN (SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id))), 0) AS spent_minor
FROM members m WHERE m.merged_into IS NULL;

-- `lots` is how many times over a reward was given: more than once only for points that become money.
CREATE VIEW report_ledger AS
SELECT l.line, lower(hex(l.entry_id)) AS entry_id, lower(hex(l.member_id)) AS member_id, c.code AS member_code,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, l.kind, t.kind AS reverses_kind, l.points, l.at_ms, l.day,
       coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by) AS by_name,
       l.by AS by_id, l.rules_version, l.reasons, lower(hex(l.reverses)) AS reverses, l.source, l.sale_id, l.total_minor, l.reward,
       CASE WHEN l.kind = 'redeem' THEN coalesce((SELECT json_extract(o.body, '$.lots') FROM ops o WHERE o.op_id = l.op_id), 1) END AS lots,
       EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id) AS reversed
FROM ledger l
JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
LEFT JOIN ledger t ON t.entry_id = l.reverses;

-- The rewards in force, then what full stamp cards give (those take `stamps`, and no points); and how often each was
-- redeemed and not taken back, ever. Where two give the same, it is one row.
CREATE VIEW report_rewards AS
WITH in_force AS (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1),
offered AS (
    SELECT w.name, w.points, NULL AS stamps, w.cost_minor FROM rewards w JOIN in_force USING (op_id)
    UNION ALL
    SELECT k.name, 0, k.stamps, max(k.cost_minor) FROM cards k JOIN in_force USING (op_id)
    WHERE k.name NOT IN (SELECT w.name FROM rewards w JOIN in_force USING (op_id)) GROUP BY k.name)
SELECT o.name, o.points, o.stamps, o.cost_minor,
       (SELECT count(*) FROM ledger l WHERE l.reward = o.name AND l.kind = 'redeem'
          AND NOT EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id)) AS redeemed
FROM offered o;

-- One row: the programme in figures. liability_minor is an upper bound: every outstanding point spent on the reward
-- whose stated cost per point is highest (liability_reward; none where no reward states a cost), and every outstanding
-- stamp on what its card gives (liability_stamps_minor), each rounded up; null where nothing in force states a cost.
CREATE VIEW report_totals AS
WITH points AS (
    SELECT coalesce(sum(issued), 0) AS issued, coalesce(sum(redeemed), 0) AS redeemed,
           coalesce(sum(expired), 0) AS expired FROM report_points_by_day),
dearest AS (
    SELECT name, points, cost_minor FROM report_rewards WHERE cost_minor IS NOT NULL AND stamps IS NULL
    ORDER BY 1.0 * cost_minor / points DESC LIMIT 1),
dearest_cards AS (
    SELECT k.card, k.stamps, k.cost_minor, max(1.0 * k.cost_minor / k.stamps) FROM cards k
    WHERE k.cost_minor IS NOT NULL AND k.op_id = (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1)
    GROUP BY k.card),
owed AS (
    SELECT (SELECT ((SELECT max(0, coalesce(sum(r.points), 0)) FROM rights r) * cost_minor + points - 1) / points FROM dearest) AS for_points,
           (SELECT sum(((SELECT max(0, coalesce(sum(s.stamps), 0)) FROM stamps s WHERE s.card = d.card) * d.cost_minor + d.stamps - 1) / d.stamps)
            FROM dearest_cards d) AS for_stamps)
SELECT (SELECT count(*) FROM members WHERE merged_into IS NULL) AS members,
       (SELECT count(*) FROM sales WHERE settled = 0) AS sales,
       p.issued AS points_issued, p.redeemed AS points_redeemed, p.expired AS points_expired,
       (SELECT coalesce(sum(r.points), 0) FROM rights r) AS points_outstanding,
       (SELECT name FROM dearest) AS liability_reward,
       o.for_stamps AS liability_stamps_minor,
       CASE WHEN coalesce(o.for_points, o.for_stamps) IS NOT NULL THEN coalesce(o.for_points, 0) + coalesce(o.for_stamps, 0) END AS liability_minor
FROM points p, owed o;

-- How far members are on the stamp cards in force.
CREATE VIEW report_stamps AS
SELECT c.code AS member_code, k.position, k.name, k.stamps AS needed, sum(s.stamps) AS stamps
FROM cards k JOIN stamps s USING (card) JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
WHERE k.op_id = (SELECT op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1)
GROUP BY c.code, k.position, k.name, k.stamps;
