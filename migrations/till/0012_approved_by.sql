-- Who allowed a redemption at a till that was cut off, in the owner's ledger.

DROP VIEW report_ledger;

-- `lots` is how many times over a reward was given: more than once only for points that become money. `approved_by` is
-- the manager whose PIN allowed it, by name, where the owner's limit for a till that is cut off wanted one.
CREATE VIEW report_ledger AS
SELECT l.line, lower(hex(l.entry_id)) AS entry_id, lower(hex(l.member_id)) AS member_id, c.code AS member_code,
       c.name AS member_name, substr(coalesce(c.phone, c.phone_also), -4) AS last4, l.kind, t.kind AS reverses_kind, l.points, l.at_ms, l.day,
       coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by) AS by_name,
       l.by AS by_id, l.rules_version, l.reasons, lower(hex(l.reverses)) AS reverses, l.source, l.sale_id, l.total_minor, l.reward,
       CASE WHEN l.kind = 'redeem' THEN coalesce((SELECT json_extract(o.body, '$.lots') FROM ops o WHERE o.op_id = l.op_id), 1) END AS lots,
       CASE WHEN l.kind = 'redeem' THEN (SELECT coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(o.body ->> '$.approved_by', '-')), o.body ->> '$.approved_by')
           FROM ops o WHERE o.op_id = l.op_id) END AS approved_by,
       EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id) AS reversed
FROM ledger l
JOIN members m USING (member_id)
JOIN members c ON c.member_id = coalesce(m.merged_into, m.member_id)
LEFT JOIN ledger t ON t.entry_id = l.reverses;
