-- What the owner's window reads, and nothing else: views with readable names, ids as text, times in ms UTC.

-- One row a member. `member` is the row the search tables name; `code` is what an address may keep.
CREATE VIEW report_members AS
SELECT m.member, lower(hex(m.member_id)) AS member_id, m.code, m.name, substr(m.phone, -4) AS last4, m.phone, m.email,
       m.email_consent, m.enrolled_at, m.visits, m.last_visit_at,
       coalesce((SELECT sum(r.points) FROM rights r WHERE r.member_id = m.member_id), 0) AS points,
       coalesce((SELECT sum(s.total_minor - s.refunded_minor) FROM sales s WHERE s.member_id = m.member_id AND s.reversed = 0), 0) AS spent_minor
FROM members m;

-- One row a ledger line. by_name is the staff member's name, or what did it (member, job:…, webhook:…). Filter by
-- member_code, which has an index behind it; member_id here is only text.
CREATE VIEW report_ledger AS
SELECT l.line, lower(hex(l.entry_id)) AS entry_id, lower(hex(l.member_id)) AS member_id, m.code AS member_code,
       m.name AS member_name, substr(m.phone, -4) AS last4, l.kind, t.kind AS reverses_kind, l.points, l.at_ms, l.day,
       coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by) AS by_name,
       l.by AS by_id, l.rules_version, l.reasons, lower(hex(l.reverses)) AS reverses, l.source, l.sale_id, l.total_minor, l.reward,
       EXISTS (SELECT 1 FROM ledger r WHERE r.reverses = l.entry_id) AS reversed
FROM ledger l
JOIN members m USING (member_id)
LEFT JOIN ledger t ON t.entry_id = l.reverses;

-- Points by day: issued and redeemed are what lines of that day moved, reversals counted on their own day against
-- what they take back. issued - redeemed - expired is the change of what is outstanding.
CREATE VIEW report_points_by_day AS
SELECT l.day,
       sum(CASE WHEN coalesce(t.kind, l.kind) IN ('redeem', 'expire') THEN 0 ELSE l.points END) AS issued,
       -sum(CASE WHEN coalesce(t.kind, l.kind) = 'redeem' THEN l.points ELSE 0 END) AS redeemed,
       -sum(CASE WHEN coalesce(t.kind, l.kind) = 'expire' THEN l.points ELSE 0 END) AS expired
FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses
GROUP BY l.day;

-- Visits by day: sales that were not taken back, those of members, how many members came, what was sold.
CREATE VIEW report_visits_by_day AS
SELECT day, count(*) AS sales, count(entry_id) AS visits, count(DISTINCT CASE WHEN entry_id IS NULL THEN NULL ELSE member_id END) AS members,
       sum(total_minor - refunded_minor) AS sold_minor, sum(CASE WHEN member_id IS NULL THEN 0 ELSE total_minor - refunded_minor END) AS sold_to_members_minor
FROM sales WHERE reversed = 0 GROUP BY day;

-- The rewards in force, and how often each was redeemed and not taken back, ever.
CREATE VIEW report_rewards AS
SELECT w.name, w.points, w.cost_minor,
       (SELECT count(*) FROM ledger l WHERE l.reward = w.name AND l.kind = 'redeem'
          AND NOT EXISTS (SELECT 1 FROM ledger r WHERE r.reverses = l.entry_id)) AS redeemed
FROM rewards w WHERE w.version = (SELECT max(version) FROM rules);

-- One row: the programme in figures. liability_minor is an upper bound: every outstanding point spent on the reward
-- whose stated cost per point is highest, rounded up; null where no reward in force states a cost.
CREATE VIEW report_totals AS
WITH points AS (
    SELECT coalesce(sum(issued), 0) AS issued, coalesce(sum(redeemed), 0) AS redeemed,
           coalesce(sum(expired), 0) AS expired FROM report_points_by_day),
dearest AS (
    SELECT name, points, cost_minor FROM report_rewards WHERE cost_minor IS NOT NULL
    ORDER BY 1.0 * cost_minor / points DESC LIMIT 1)
SELECT (SELECT count(*) FROM members) AS members,
       (SELECT count(*) FROM sales) AS sales,
       p.issued AS points_issued, p.redeemed AS points_redeemed, p.expired AS points_expired,
       (SELECT coalesce(sum(r.points), 0) FROM rights r) AS points_outstanding,
       (SELECT name FROM dearest) AS liability_reward,
       (SELECT ((SELECT max(0, coalesce(sum(r.points), 0)) FROM rights r) * cost_minor + points - 1) / points FROM dearest) AS liability_minor
FROM points p;

-- Versions of the rules, newest first.
CREATE VIEW report_rules AS
SELECT version, text, at_ms, coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(r.by, '-')), r.by) AS by_name
FROM rules r;

-- Held sales, oldest first: those that wait, and what became of the others.
CREATE VIEW report_review AS
SELECT s.source, s.sale_id, s.total_minor, s.points, s.occurred_at, s.day, s.decision, lower(hex(s.member_id)) AS member_id,
       m.name AS member_name, substr(m.phone, -4) AS last4, o.at_ms AS held_at,
       coalesce((SELECT t.name FROM staff t WHERE t.staff_id = unhex(o.by, '-')), o.by) AS by_name,
       json_extract(o.body, '$.reasons') AS reasons
FROM sales s JOIN ops o USING (op_id) LEFT JOIN members m ON m.member_id = s.member_id
WHERE s.move = 'hold';
